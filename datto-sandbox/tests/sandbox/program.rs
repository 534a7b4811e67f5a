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

#[cfg(unix)]
#[test]
fn nothing_is_left_of_a_program_that_was_killed() {
    use std::io::{Read as _, Write as _};
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(ANY_PORT).args(["--json"]).env("TMPDIR", folder.path());
    let mut program = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let line = BufReader::new(program.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = told["accounts"]["main"]["DATTO_WORKPLACE_URL"].as_str().unwrap();
    let mut stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    let file = "x".repeat(300_000);
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"fileName\"\r\n\r\nbig.bin\r\n\
         --b\r\ncontent-disposition: form-data; name=\"partData\"; filename=\"a\"\r\n\r\n{file}\r\n--b--\r\n"
    );
    // The pair of keys that is printed, in Base64.
    let pair = "c2FuZGJveC13b3JrcGxhY2UtaWQ6c2FuZGJveC13b3JrcGxhY2Utc2VjcmV0";
    let head = format!(
        "POST /2/api/v1/file/1000000001/files HTTP/1.1\r\nhost: a\r\nauthorization: Basic {pair}\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(form.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("big.bin"), "{answer}");
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn it_ends_well_where_it_is_told_to_stop() {
    let (mut program, _) = first_line(&ANY_PORT);
    let kill = Command::new("kill").args(["-TERM", &program.0.id().to_string()]).status().unwrap();
    assert!(kill.success() && program.0.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_shell_reads_what_it_prints() {
    let secret = "it's $(odd) & \"quoted\"";
    let pair = format!("--rmm-key-pair=KEY:{secret}");
    let mut child =
        Running(Command::new(PROGRAM).args(ANY_PORT).args(["--env", &pair]).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let lines: Vec<String> = lines.take(9).map(Result::unwrap).collect();
    let script = format!("{}\nprintf %s \"$DATTO_RMM_API_SECRET\"", lines.join("\n"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), secret);
}
