//! What a program prints. `println!` ends a program whose reader went away (`scorecard | head -1`) in a panic; this does not.

use std::fmt;
use std::io::{self, Write as _};

/// Writes to the standard output, as it is. A reader that has gone wants no more: the program goes on without it.
pub fn write(text: fmt::Arguments<'_>) {
    let mut output = io::stdout().lock();
    let _ = output.write_fmt(text).and_then(|()| output.flush());
}

/// As `println!`, for a reader that may go away.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::write(::std::format_args!("{}\n", ::std::format_args!($($text)*)))
    };
}
