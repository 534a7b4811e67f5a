//! The command line, made from the table of settings.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use datto_sandbox::{Sandbox, SandboxBuilder, Setting};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  datto-sandbox --devices 1200 --seed 7
  datto-sandbox --scenario ransomware --env > sandbox.env
  datto-sandbox --scenario my.toml --rmm-port 0 --json
  datto-sandbox --fault '{\"fault\": \"status\", \"status\": 503, \"path_contains\": \"/account/devices\", \"times\": 2}'";

/// All flags: one for each setting, and what a scenario file has besides.
pub(crate) fn command() -> Command {
    Command::new("datto-sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Stand-ins for Datto RMM, BCDR and Workplace, with their oddities, until Ctrl-C.")
        .long_about(
            "Stand-ins for Datto RMM, BCDR and Workplace, with their oddities, until Ctrl-C.\n\n\
             The services listen on ports 8081, 8082 and 8083 of 127.0.0.1 unless told otherwise; 0 takes any free port. \
             Everything in them is synthetic, made from a seed. Nothing is kept when the program ends, unless --state names a folder.",
        )
        .after_help(EXAMPLES)
        .args_override_self(true)
        .arg(
            several("scenario", "NAME|FILE")
                .help("A scenario by its name, or a TOML file; several add up, and flags come last")
                .long_help(
                    "A scenario by its name (--print-scenario shows them), or a TOML file whose keys are the settings, with \
                     hyphens as underscores, and whose tables are [[fault]], [[event]] and [[account]]. Several add up; \
                     flags come last.",
                ),
        )
        .arg(several("fault", "JSON").help("Something that goes wrong, as in a scenario file"))
        .arg(several("event", "JSON").help("Something that happens later, as in a scenario file"))
        .arg(
            Arg::new("print-scenario")
                .long("print-scenario")
                .value_name("NAME")
                .num_args(0..=1)
                .default_missing_value("")
                .help("Prints a scenario, or the names of all, and ends"),
        )
        .arg(switch("env").help("Prints NAME=value lines that the clients read from their environment").conflicts_with("json"))
        .arg(switch("json").help("Prints one line of JSON: addresses, keys and version"))
        .args(SandboxBuilder::settings().iter().map(flag))
}

fn several(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).action(ArgAction::Append).value_parser(NonEmptyStringValueParser::new())
}

fn switch(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// A setting as a flag. One that is on or off may be named alone.
fn flag(about: &Setting) -> Arg {
    let long = about.docs.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = long.split_once(". ").map_or(long.as_str(), |(first, _)| first).trim_end_matches('.').to_owned();
    let flag = Arg::new(about.name)
        .long(about.name.replace('_', "-"))
        .help(short)
        .long_help(long)
        .hide_short_help(!usual(about));
    if about.kind == "true|false" {
        return flag.value_name(about.kind).num_args(0..=1).default_missing_value("true");
    }
    flag.value_name(about.kind).allow_negative_numbers(true)
}

/// Whether the short help shows a setting.
fn usual(about: &Setting) -> bool {
    let usual = [
        "devices",
        "seed",
        "sites",
        "bind",
        "rmm_port",
        "bcdr_port",
        "workplace_port",
        "life",
        "latency",
        "control",
        "tls",
    ];
    usual.contains(&about.name)
}

/// What the flags say, the scenarios first.
pub(crate) fn builder(flags: &ArgMatches) -> Result<SandboxBuilder, String> {
    let mut builder = Sandbox::builder()
        .rmm_port(8081)
        .bcdr_port(8082)
        .workplace_port(8083)
        .patience(Duration::from_secs(30))
        .tls_root("datto-sandbox-root.pem");
    for name in flags.get_many::<String>("scenario").into_iter().flatten() {
        builder = scenario(builder, name).map_err(|why| format!("--scenario {name}: {why}"))?;
    }
    for about in SandboxBuilder::settings() {
        if let Some(text) = flags.get_one::<String>(about.name) {
            let flag = about.name.replace('_', "-");
            builder = builder.set(about.name, text).map_err(|why| format!("--{flag}: {why}"))?;
        }
    }
    for kind in ["fault", "event"] {
        for text in flags.get_many::<String>(kind).into_iter().flatten() {
            let named = |why: &dyn std::fmt::Display| format!("--{kind}: {why}");
            let data: Value = serde_json::from_str(text).map_err(|why| named(&why))?;
            builder = builder.data(&json!({ kind: [data] })).map_err(|why| named(&why))?;
        }
    }
    Ok(builder)
}

/// What has a name is no file, unless it is written as one.
fn scenario(builder: SandboxBuilder, name: &str) -> Result<SandboxBuilder, String> {
    let is_file = name.ends_with(".toml") || name.contains(['/', '\\']);
    if !is_file {
        return builder.scenario(name).map_err(|why| why.to_string());
    }
    let text = std::fs::read_to_string(name).map_err(|why| why.to_string())?;
    builder.toml(&text).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datto_sandbox::SandboxBuilder;

    use super::{builder, command};

    #[test]
    fn the_command_line_has_every_setting_and_nothing_else() {
        command().debug_assert();
        let flags: BTreeSet<String> = command().get_arguments().map(|flag| flag.get_id().to_string()).collect();
        let mut wanted: BTreeSet<String> =
            SandboxBuilder::settings().iter().map(|about| about.name.to_owned()).collect();
        wanted.extend(["scenario", "fault", "event", "print-scenario", "env", "json"].map(str::to_owned));
        assert_eq!(flags, wanted);
    }

    #[test]
    fn every_setting_can_be_given_in_both_ways() {
        for about in SandboxBuilder::settings() {
            let [one, other] = match about.kind {
                "number" => ["7", "8"],
                "250ms|5s|2m|1h|3d" => ["7s", "8s"],
                "key:secret" => ["a:b", "c:d"],
                "calls/window" => ["7/1s", "8/1s"],
                "port|address:port" => ["7", "127.0.0.1:8"],
                "address" => ["127.0.0.2", "127.0.0.3"],
                "text" => ["one", "other"],
                words => [words.split('|').next().unwrap(), words.rsplit('|').next().unwrap()],
            };
            let flag = format!("--{}", about.name.replace('_', "-"));
            let read = |arguments: &[&str]| {
                let arguments = [&["x", "--now-ms=0"], arguments].concat();
                let matches = command().try_get_matches_from(arguments).unwrap();
                format!("{:?}", builder(&matches).unwrap())
            };
            let (joined, apart) = (read(&[&format!("{flag}={one}")]), read(&[&flag, one]));
            assert_eq!(joined, apart, "{flag}");
            assert_ne!(joined, read(&[&flag, other]), "{flag}");
        }
    }

    #[test]
    fn a_setting_is_named_alone_and_flags_come_after_scenarios() {
        let read = |arguments: &[&str]| {
            let matches = command().try_get_matches_from([&["x"], arguments].concat()).unwrap();
            format!("{:?}", builder(&matches).unwrap())
        };
        assert!(read(&["--life", "--devices", "3", "--scenario", "ransomware"]).contains("devices: 3"));
        assert!(read(&["--life"]).contains("life: true") && read(&["--life=false"]).contains("life: false"));
        assert!(read(&["--fault", r#"{"fault": "reset"}"#]).contains("Reset"));
    }
}
