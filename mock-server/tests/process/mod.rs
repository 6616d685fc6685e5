//! The binary as a process of a test.

#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// The variable with another program that has the command line of the binary, for example `node path/bin.js`: words separated by spaces.
const OTHER_PROGRAM: &str = "TELEMATICS_MOCK_PROGRAM";

/// The binary, or the program that the variable names, with its output piped.
pub fn binary() -> Command {
    let other = std::env::var(OTHER_PROGRAM).ok();
    let mut words = other.as_deref().unwrap_or_default().split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(env!("CARGO_BIN_EXE_telematics-mock")));
    command.args(words).env_remove(OTHER_PROGRAM);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub fn run(arguments: &[&str]) -> Output {
    binary().args(arguments).output().expect("the binary runs")
}

/// The text of an output.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server on a free port; ended when the test is.
pub struct Server {
    pub child: Child,
    pub ready: Value,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(binary().args(["--port", "0", "--json"]).args(arguments))
    }

    /// Starts a server that prints a ready line in JSON.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).expect("the ready line is JSON") }
    }

    pub fn address(&self) -> &str {
        self.ready["url"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    pub fn ask(&self, head: &str) -> String {
        self.ask_of_host("localhost", head)
    }

    /// Sends a request that names a host.
    pub fn ask_of_host(&self, host: &str, head: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(stream, "{head}\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a request with a body.
    pub fn ask_with_body(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let length = body.len();
        write!(stream, "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits for the end: the exit code, and what was written to standard error.
    pub fn stop(self, signal: Signal) -> (Option<i32>, String) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        self.ended()
    }

    /// Waits for the end: the exit code, and what was written to standard error.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (status.code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended where the test has ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder that is removed with what is in it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("telematics-mock-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of a file in the folder.
    pub fn path(&self, file: &str) -> String {
        self.0.join(file).to_str().unwrap().to_owned()
    }

    /// Writes a file and returns its path.
    pub fn with(&self, file: &str, text: &str) -> String {
        std::fs::write(self.0.join(file), text).unwrap();
        self.path(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test may have removed it already.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
