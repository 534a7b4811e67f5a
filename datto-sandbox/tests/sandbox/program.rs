//! The program, as somebody with another language starts it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_datto-sandbox");

/// Ends the program with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_where_the_services_are_and_serves_them() {
    let flags = ["--devices", "30", "--seed", "7", "--rmm-port", "0", "--bcdr-port", "0", "--workplace-port", "0"];
    let mut program = Running(Command::new(PROGRAM).args(flags).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let lines: Vec<String> = lines.take(3).map(Result::unwrap).collect();
    for (line, (product, path)) in lines.iter().zip([("RMM", ""), ("BCDR", "/v1"), ("Workplace", "/2/api/v1")]) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(matches!(words[..], [name, _, "key", _, "secret", _] if name == product), "{line}");
        let address = words[1].strip_prefix("http://").and_then(|url| url.strip_suffix(path)).expect("a URL");
        assert!(TcpStream::connect(address).is_ok(), "{line}");
    }
}

#[test]
fn it_refuses_flags_that_it_does_not_know_or_cannot_read() {
    for flags in [vec!["--device", "3"], vec!["--devices"], vec!["--devices", "many"], vec!["--rmm-port", "70000"]] {
        let output = Command::new(PROGRAM).args(&flags).output().unwrap();
        assert!(!output.status.success(), "{flags:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(flags[0]), "{flags:?}");
    }
}

#[test]
fn it_explains_itself() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("--workplace-port"));
}
