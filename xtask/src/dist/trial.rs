//! Tries a server that was made for others: it tells its version, gets ready, and answers.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::VERSION;
use crate::demo::ask_to_stop;
use crate::greeting::Greeting;
use crate::progress::shown;
use crate::workspace::output;

/// The health check of the server, which needs no token.
pub(super) const HEALTH: &str = "/__mock/health";

/// The longest time until the ready line and until an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The interval between two checks whether a server has stopped.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Checks that the program is of this version, and that a server that it starts on a free port answers. `program` has no options yet.
///
/// # Errors
/// If the program cannot be started, or does anything else.
pub(super) fn answers(program: &Command) -> Result<()> {
    tells_its_version(program)?;
    let mut start = with_options(program, &["--port", "0", "--json", "--config", "none", "--log", "warn"]);
    let server = Server::start(&mut start)?;
    server.answers(HEALTH, None, 200).with_context(|| format!("`{}` does not work", shown(&start)))
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
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("`{shown}` could not be started"))?;
        let (output, errors) = (process.stdout.take(), process.stderr.take());
        let errors = thread::spawn(move || errors.map(io::read_to_string));
        let mut server = Self { process, url: String::new() };
        match ready(output.context("a server without an output")?) {
            Ok(greeting) => server.url = greeting.url,
            Err(cause) => {
                // With the end of the server its errors are complete.
                drop(server);
                let errors = errors.join().ok().flatten().and_then(Result::ok).unwrap_or_default();
                return Err(
                    cause.context(format!("`{shown}` printed no ready line, and the errors '{}'", errors.trim()))
                );
            }
        }
        Ok(server)
    }

    /// The port that the server listens on.
    ///
    /// # Errors
    /// If the URL of the ready line has none.
    pub(super) fn port(&self) -> Result<u16> {
        let port = self.url.rsplit(':').next().and_then(|port| port.parse().ok());
        port.with_context(|| format!("'{}' has no port", self.url))
    }

    /// Checks the status of the answer to a `GET` that names this host, by default that of the URL.
    ///
    /// # Errors
    /// If the server does not answer, or with another status.
    pub(super) fn answers(&self, path: &str, host: Option<&str>, status: u16) -> Result<()> {
        let address = self.url.strip_prefix("http://").with_context(|| format!("'{}' is no address", self.url))?;
        let host = host.unwrap_or(address);
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with(&format!("HTTP/1.1 {status} ")) {
            return Ok(());
        }
        let answer = answer.lines().next().unwrap_or_default();
        bail!("GET {path} with the host {host} was answered with '{answer}' and not with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A program that runs the server in a container would leave it behind if it were killed.
        ask_to_stop(&self.process);
        let began = Instant::now();
        while cfg!(unix) && began.elapsed() < PATIENCE && matches!(self.process.try_wait(), Ok(None)) {
            thread::sleep(CHECK_INTERVAL);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The ready line, which is the first line of an output; the rest is read and dropped, so that the server never waits for a reader.
fn ready(output: impl Read + Send + 'static) -> Result<Greeting> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines();
        let _ = sender.send(lines.next());
        lines.for_each(drop);
    });
    let line = receiver.recv_timeout(PATIENCE).with_context(|| format!("nothing within {} s", PATIENCE.as_secs()))?;
    let line = line.context("the output has ended")??;
    Greeting::parse(&line).with_context(|| format!("the first line is '{line}'"))
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
        let refused = |script: &str| format!("{:#}", Server::start(&mut shell(script)).err().unwrap());
        let error = refused("echo listening; exec sleep 60");
        assert!(error.ends_with("printed no ready line, and the errors '': the first line is 'listening'"), "{error}");
        let error = refused("echo the port is taken >&2; exit 1");
        assert!(error.ends_with("and the errors 'the port is taken': the output has ended"), "{error}");
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
        let error = server.answers(HEALTH, None, 200).unwrap_err();
        answer.join().unwrap();
        assert!(error.to_string().contains("503 Service Unavailable"), "{error}");
    }
}
