//! Tries a server that was made for others: it tells its version, gets ready, and answers.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::VERSION;
use crate::greeting::Greeting;
use crate::progress::shown;
use crate::workspace::output;

/// The longest time until the ready line and until an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Checks that the program is of this version, and that a server that it starts on a free port answers. `program` has no options yet.
///
/// # Errors
/// If the program cannot be started, or does anything else.
pub(super) fn answers(program: &Command) -> Result<()> {
    tells_its_version(program)?;
    let mut start = with_options(program, &["--port", "0", "--json", "--config", "none", "--log", "warn"]);
    let server = Server::start(&mut start)?;
    server.answers().with_context(|| format!("`{}` does not work", shown(&start)))
}

/// Checks that the program is of this version.
///
/// # Errors
/// If it is of another version or cannot be started.
fn tells_its_version(program: &Command) -> Result<()> {
    let printed = output(&mut with_options(program, &["--version"]))?;
    if printed.trim() != format!("telematics-mock {VERSION}") {
        bail!("`{} --version` printed '{}' and not version {VERSION}", shown(program), printed.trim());
    }
    Ok(())
}

/// The program with options, and without those of the environment of this process.
fn with_options(program: &Command, options: &[&str]) -> Command {
    let mut command = Command::new(program.get_program());
    command.args(program.get_args()).args(options);
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    for name in env::vars_os().map(|(name, _)| name).filter(is_option) {
        command.env_remove(name);
    }
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn is_option(name: &OsString) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("TELEMATICS_MOCK_"))
}

/// A server that ends with this value.
pub(super) struct Server {
    process: Child,
    /// The URL of the ready line.
    url: String,
}

impl Server {
    /// Starts a server with `--json` and waits for its ready line.
    ///
    /// # Errors
    /// If it cannot be started, ends, or prints another line.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let shown = shown(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("`{shown}` could not be started"))?;
        let output = process.stdout.take();
        let mut server = Self { process, url: String::new() };
        let line = first_line(output.context("a server without an output")?)
            .with_context(|| format!("`{shown}` printed no ready line"))?;
        let greeting = Greeting::parse(&line).with_context(|| format!("`{shown}` printed '{}'", line.trim()))?;
        server.url = greeting.url;
        Ok(server)
    }

    /// Checks that the health check succeeds over HTTP.
    ///
    /// # Errors
    /// If the server does not answer, or with another status.
    pub(super) fn answers(&self) -> Result<()> {
        let address = self.url.strip_prefix("http://").with_context(|| format!("'{}' is no address", self.url))?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /__mock/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 200 ") {
            return Ok(());
        }
        bail!("the health check was answered with '{}'", answer.lines().next().unwrap_or_default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first line of an output; the rest is read and dropped, so that the server never waits for a reader.
fn first_line(output: impl Read + Send + 'static) -> Result<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines();
        let _ = sender.send(lines.next());
        lines.for_each(drop);
    });
    let line = receiver.recv_timeout(PATIENCE).with_context(|| format!("nothing within {} s", PATIENCE.as_secs()))?;
    Ok(line.context("the output has ended")??)
}

#[cfg(all(test, unix))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        command
    }

    #[test]
    fn a_program_of_another_version_is_refused() {
        tells_its_version(&shell(&format!("echo telematics-mock {VERSION}"))).unwrap();
        let error = tells_its_version(&shell("echo telematics-mock 0.0.1")).unwrap_err();
        assert!(error.to_string().contains("printed 'telematics-mock 0.0.1'"), "{error}");
    }

    #[test]
    fn a_server_that_prints_no_ready_line_is_refused() {
        let error = Server::start(&mut shell("echo listening; sleep 60")).err().unwrap();
        assert!(error.to_string().ends_with("printed 'listening'"), "{error}");
        let error = Server::start(&mut shell("exit 3")).err().unwrap();
        assert!(error.to_string().ends_with("printed no ready line"), "{error}");
    }

    #[test]
    fn a_server_that_is_not_ready_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { process: shell("exit 0").spawn().unwrap(), url };
        let answer = thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            BufReader::new(&stream).lines().take_while(|line| !line.as_ref().unwrap().is_empty()).for_each(drop);
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
        });
        let error = server.answers().unwrap_err();
        answer.join().unwrap();
        assert!(error.to_string().contains("503"), "{error}");
    }
}
