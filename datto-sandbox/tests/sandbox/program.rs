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

/// The first line of output, and the program.
fn first_line(flags: &[&str]) -> (Running, String) {
    let mut program = Running(Command::new(PROGRAM).args(flags).stdout(Stdio::piped()).spawn().unwrap());
    let line = BufReader::new(program.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    (program, line)
}

const ANY_PORT: [&str; 3] = ["--rmm-port=0", "--bcdr-port=0", "--workplace-port=0"];

#[test]
fn it_tells_programs_where_the_services_are() {
    let (_program, line) =
        first_line(&[&["--json", "--scenario", "tenant-gone", "--devices=9"], &ANY_PORT[..]].concat());
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    let main = &told["accounts"]["main"];
    for name in ["DATTO_RMM_URL", "DATTO_BCDR_URL", "DATTO_WORKPLACE_URL"] {
        let host = main[name].as_str().unwrap().split('/').nth(2).unwrap();
        assert!(TcpStream::connect(host).is_ok(), "{name}");
    }
    assert_eq!(main["DATTO_RMM_API_KEY"], "SANDBOXRMMKEY");
    let (_program, line) = first_line(&[&["--env"], &ANY_PORT[..]].concat());
    assert!(line.starts_with("DATTO_RMM_URL=http://127.0.0.1:"), "{line}");
}

fn fails(flags: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(flags).output().unwrap();
    assert!(!output.status.success(), "{flags:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_names_the_flag_that_is_wrong() {
    for (flags, named) in [
        (vec!["--device", "3"], "--device"),
        (vec!["--devices"], "--devices"),
        (vec!["--devices", "many"], "--devices"),
        (vec!["--rmm-port=70000"], "--rmm-port"),
        (vec!["devices"], "devices"),
        (vec!["--scenario", "tuesday"], "monday-morning"),
        (vec!["--scenario", "missing.toml"], "missing.toml"),
        (vec!["--fault", r#"{"fault": "rest"}"#], "rest"),
        (vec!["--latency", "long"], "--latency"),
    ] {
        let error = fails(&flags);
        assert!(error.contains(named), "{flags:?}: {error}");
    }
}

#[test]
fn it_names_the_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = fails(&["--rmm-port=0", "--bcdr-port", &port, "--workplace-port=0"]);
    assert!(error.contains(&port) && error.contains("--bcdr-port"), "{error}");
}

#[test]
fn it_reads_scenario_files() {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let text = "devices = 4\nrmm_key_pair = \"FROMFILE:secret\"\n[[account]]\nname = \"north\"\ndevices = 2\n";
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let (_program, line) = first_line(&[&["--json", "--scenario", &path], &ANY_PORT[..]].concat());
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["accounts"]["main"]["DATTO_RMM_API_KEY"], "FROMFILE");
    assert_eq!(told["accounts"]["north"]["DATTO_RMM_API_KEY"], "SANDBOXRMMKEY-north");
}

#[test]
fn it_explains_itself() {
    for (flags, told) in [
        (vec!["--help"], "--workplace-names"),
        (vec!["-h"], "--workplace-port"),
        (vec!["--version"], env!("CARGO_PKG_VERSION")),
        (vec!["--print-scenario"], "half-blind-key"),
        (vec!["--print-scenario", "ransomware"], "ransomware_ctx"),
    ] {
        let output = Command::new(PROGRAM).args(&flags).output().unwrap();
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(told), "{flags:?}");
    }
}
