//! A line of progress for each product, fed by what its client does.

use std::time::Duration;

use datto_rmm::{Event, Observer};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The lines, on stderr; nothing where that is no terminal.
#[derive(Debug, Default)]
pub struct Progress {
    lines: MultiProgress,
}

/// One product's line: it counts the answers that came.
#[derive(Debug, Clone)]
pub struct Line(ProgressBar);

impl Progress {
    /// No lines yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line for a product.
    pub fn line(&self, product: &'static str) -> Line {
        let bar = self.lines.add(ProgressBar::no_length());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<16} {pos:>5} answers  {elapsed}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(product);
        bar.enable_steady_tick(Duration::from_millis(100));
        Line(bar)
    }
}

impl Line {
    /// The line goes away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Line {
    fn on_event(&self, event: &Event<'_>) {
        match event {
            Event::Attempt { .. } => {
                self.0.inc(1);
                self.0.set_message("");
            }
            Event::Limited { wait, .. } => {
                self.0.set_message(format!("waiting {:.0} s for the limit", wait.as_secs_f64()))
            }
            Event::Retrying { wait, kind, .. } => {
                self.0.set_message(format!("{kind}; again in {:.0} s", wait.as_secs_f64()))
            }
            _ => {}
        }
    }
}
