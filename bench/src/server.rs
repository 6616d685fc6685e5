//! Servers as processes: started, asked for their memory and processor time, and stopped.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::bare_hyper::Answer;
use crate::cores::Cores;
use crate::process::Process;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

/// A running server; it is stopped when this is dropped.
pub(crate) struct Server {
    process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its first line on standard output.
    pub(crate) ready: Ready,
}

/// The members of a ready line that a measurement needs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    url: String,
    /// The instance of the examples.
    pub(crate) instance: Option<Instance>,
    /// The instance whose users have passwords.
    pub(crate) ubi_instance: Option<Instance>,
    /// The admin of the whole server.
    pub(crate) admin: Option<Admin>,
}

/// A tenant instance.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Instance {
    /// The header `InstanceId`.
    pub(crate) instance_id: String,
    /// The header `InstanceKey`.
    pub(crate) instance_key: String,
}

/// An admin's login.
#[derive(Deserialize)]
pub(crate) struct Admin {
    /// The e-mail address.
    pub(crate) email: String,
    /// The password.
    pub(crate) password: String,
}

impl Server {
    /// Starts the mock server `binary` on a free port.
    ///
    /// # Errors
    /// If it does not start or prints no ready line.
    pub(crate) fn mock(binary: &Path, options: &[&str], cores: Cores) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(["--port", "0", "--json", "--log", "warn"]).args(options).stdin(Stdio::null());
        without_variables(&mut command);
        let process = cores.on_server(|| Process::start(command.stdout(Stdio::piped())));
        Self::listening(process.with_context(|| format!("{} could not be started", binary.display()))?)
    }

    /// Starts a bare hyper server that gives `answers`.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) fn bare(answers: &[Answer], cores: Cores) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-hyper").stdin(Stdio::piped()).stdout(Stdio::piped());
        let process = cores.on_server(|| Process::start(&mut command));
        let mut process = process.context("the bare hyper server could not be started")?;
        if let Some(mut input) = process.stdin.take() {
            input.write_all(&serde_json::to_vec(answers)?)?;
        }
        Self::listening(process)
    }

    /// Starts a server that prints no ready line, and waits until it takes connections.
    ///
    /// # Errors
    /// If it does not within a minute.
    pub(crate) fn foreign(mut command: Command, address: SocketAddr, cores: Cores) -> Result<Self> {
        let process = cores.on_server(|| Process::start(&mut command))?;
        let server = Self { process, address, ready: Ready::default() };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.exit_status()? {
                bail!("the server has ended ({status})");
            }
            if started.elapsed() > START {
                bail!("the server took no connection within {} s", START.as_secs());
            }
            // It starts for seconds: asking more often would take its processor time.
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    fn listening(mut process: Process) -> Result<Self> {
        let mut line = String::new();
        let output = process.stdout.take().context("the server has no standard output")?;
        BufReader::new(output).read_line(&mut line)?;
        let ready: Ready = serde_json::from_str(&line).context("the server printed no ready line")?;
        let address = ready.url.strip_prefix("http://").context("the ready line has no http URL")?.parse()?;
        Ok(Self { process, address, ready })
    }

    /// The memory that is in use, in bytes (Linux only).
    ///
    /// # Errors
    /// If the system does not tell.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS is missing")?;
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1024)
    }

    /// The processor time that all its threads have used, if the system tells (Linux does).
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        processor_time(&self.process.id().to_string())
    }

    /// The instance of the examples.
    ///
    /// # Errors
    /// If the ready line does not name it.
    pub(crate) fn instance(&self) -> Result<&Instance> {
        self.ready.instance.as_ref().context("the ready line names no instance")
    }

    /// The instance whose users have passwords.
    ///
    /// # Errors
    /// If the ready line does not name it.
    pub(crate) fn ubi_instance(&self) -> Result<&Instance> {
        self.ready.ubi_instance.as_ref().context("the ready line names no UBI instance")
    }
}

/// Keeps the variables that configure a mock server from this command: the shell must not change what is measured.
pub(crate) fn without_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TELEMATICS_MOCK_")) {
        command.env_remove(name);
    }
}

/// The processor time that this process has used, if the system tells (Linux does).
pub(crate) fn own_processor_time() -> Option<Duration> {
    processor_time("self")
}

fn processor_time(process: &str) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanoseconds.sum())).filter(|time| !time.is_zero())
}
