//! What the README shows is run as it stands, where its language is at hand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const README: &str = include_str!("../../README.md");

/// The code blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// The program, and what it has printed for a shell.
struct Program(Child, BTreeMap<String, String>);

impl Program {
    fn start() -> Self {
        let ports = ["--rmm-port=0", "--bcdr-port=0", "--workplace-port=0", "--control=0"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_datto-sandbox"));
        let mut child = command.args(ports).args(["--devices=230", "--env"]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut environment = BTreeMap::new();
        for line in lines {
            let (name, value) = line.split_once('=').unwrap();
            environment.insert(name.to_owned(), value.to_owned());
            if name == "DATTO_SANDBOX_CONTROL" {
                break;
            }
        }
        Self(child, environment)
    }

    /// What a snippet prints; `None` where its language, or what it needs, is not there.
    fn run(&self, program: &str, check: &[&str], arguments: &[&str]) -> Option<String> {
        let there = Command::new(program).args(check).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            println!("skipped: {program} {} does not work here", check.join(" "));
            return None;
        }
        let output = Command::new(program).args(arguments).envs(&self.1).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {errors}");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_example_is_the_one_shown() {
    let [example] = blocks("rust")[..] else { panic!("one block") };
    assert!(include_str!("example.rs").contains(example));
}

#[test]
fn curl_does_what_is_shown() {
    let [snippet] = blocks("bash")[..] else { panic!("one block") };
    let script = format!("set -o pipefail\n{snippet}");
    if let Some(printed) = Program::start().run("bash", &["-c", "curl --version"], &["-ec", &script]) {
        let lines: Vec<&str> = printed.lines().collect();
        let [devices, appliances, project] = lines[..] else { panic!("{printed}") };
        assert!(devices.starts_with("\"numberOfDevices\":") && appliances.starts_with("\"count\":"), "{printed}");
        assert_eq!(project, "\"name\":\"Finance\"");
    }
}

#[test]
fn python_does_what_is_shown() {
    let [walk, control] = blocks("python")[..] else { panic!("two blocks") };
    let program = Program::start();
    if let Some(printed) = program.run("python3", &["-c", "import requests"], &["-c", walk]) {
        assert_eq!(printed.trim(), "230 devices");
    }
    if let Some(printed) = program.run("python3", &["--version"], &["-c", control]) {
        assert!(printed.contains(" open alerts"), "{printed}");
    }
}

#[test]
fn node_does_what_is_shown() {
    let [snippet] = blocks("javascript")[..] else { panic!("one block") };
    let arguments = ["--input-type=module", "-e", snippet];
    if let Some(printed) = Program::start().run("node", &["-e", "fetch"], &arguments) {
        assert_eq!(printed.trim(), "230 devices");
    }
}

#[test]
fn powershell_does_what_is_shown() {
    let [snippet] = blocks("powershell")[..] else { panic!("one block") };
    let arguments = ["-NoProfile", "-Command", snippet];
    if let Some(printed) = Program::start().run("pwsh", &["-Version"], &arguments) {
        assert_eq!(printed.trim(), "230 devices");
    }
}

#[test]
fn what_it_prints_for_a_shell_is_shown() {
    let program = Program::start();
    for line in blocks("text")[0].lines() {
        let name = line.split('=').next().unwrap();
        assert!(program.1.contains_key(name), "{line}");
    }
}

#[test]
fn scenarios_are_as_shown() {
    let files = blocks("toml");
    assert!(datto_sandbox::Sandbox::builder().toml(files.last().unwrap()).is_ok());
    for (name, _) in datto_sandbox::SandboxBuilder::scenarios() {
        assert!(README.contains(&format!("| `{name}` |")), "{name}");
    }
}
