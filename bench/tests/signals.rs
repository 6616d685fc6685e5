//! The benchmark as a process that a signal ends.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time that a process may take for a step.
const LIMIT: Duration = Duration::from_secs(20);

/// Waits for a condition; real time, because it is about other processes.
fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(started.elapsed() < LIMIT, "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that writes its process id to a file beside it and never becomes ready.
fn silent_server(folder: &Path) -> PathBuf {
    let program = folder.join("server");
    fs::write(&program, "#!/bin/sh\necho $$ > \"$0.writing\"\nmv \"$0.writing\" \"$0.id\"\nexec sleep 600\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn kill(arguments: &[&str]) -> bool {
    let mut kill = Command::new("kill");
    kill.args(arguments).stderr(Stdio::null()).status().expect("the program kill").success()
}

#[test]
fn a_signal_ends_the_benchmark_and_its_servers() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let name = format!("telematics-bench-{}{signal}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        let server = silent_server(&folder.0);
        let mut benchmark = Command::new(env!("CARGO_BIN_EXE_telematics-bench"))
            .args(["--only", "footprint", "--binary"])
            .arg(&server)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let id = until("the start of the server", || fs::read_to_string(server.with_extension("id")).ok());
        let id = id.trim();
        assert!(kill(&[signal, &benchmark.id().to_string()]));
        let status = until("the end of the benchmark", || benchmark.try_wait().unwrap());
        let still_runs = kill(&["-0", id]);
        kill(&["-KILL", id]);
        assert!(!status.success() && !still_runs, "{signal}: {status}, the server still runs: {still_runs}");
    }
}
