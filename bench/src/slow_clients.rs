//! Ten thousand idle connections and a thousand slow ones: what another client, and the memory of the server, notice of them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::calls::{CREATE, HEALTH, USERS, bearer};
use crate::cores::Cores;
use crate::http::write_get;
use crate::process;
use crate::progress::say;
use crate::server::Server;
use crate::session::Session;
use crate::statistics::percentile;

/// Connections that have made one request and make no other one.
const IDLE: usize = 10_000;
/// Connections that send the head of a request byte by byte, and as many that send a body so.
const SLOW_OF_EACH_KIND: usize = 500;
/// The pause between two bytes of a slow connection.
const BYTE: Duration = Duration::from_secs(1);
/// How long the slow connections send: longer than the server waits for a head.
const LENGTH: Duration = Duration::from_secs(40);
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two requests of the client that is measured.
const PAUSE: Duration = Duration::from_millis(2);
/// Open files that a process needs beside its connections.
const OTHER_FILES: u64 = 200;

/// Measures, and prints the figures.
///
/// # Errors
/// If an answer is missing, or the system does not allow so many connections.
pub(crate) fn run(binary: &Path) -> Result<()> {
    allow_files((IDLE + 2 * SLOW_OF_EACH_KIND) as u64 + OTHER_FILES)?;
    process::end_all_on_a_signal()?;
    let server = Server::mock(binary, &[], Cores::claim()?)?;
    let mut session = Session::open(server.address)?;
    let access = session.register(&server)?.access;
    let read = || request_times(server.address, &access);

    let stop = AtomicBool::new(false);
    let alone = read_until(&stop, Duration::from_secs(5), read()?)?;
    let before = server.resident_bytes()?;

    let idle = (0..IDLE).map(|_| idle(server.address)).collect::<Result<Vec<_>>>()?;
    let with_idle = server.resident_bytes()?;
    let mut slow = Slow::open(&server)?;
    say(&format!("  {IDLE} idle and {} slow connections are open", 2 * SLOW_OF_EACH_KIND));
    let reader = read()?;
    let beside = thread::scope(|threads| {
        let reading = threads.spawn(|| read_until(&stop, LENGTH + PATIENCE, reader));
        let sent = slow.send_for(LENGTH);
        stop.store(true, Ordering::Relaxed);
        sent.and_then(|()| reading.join().unwrap_or_else(|_| bail!("the client that is measured has panicked")))
    })?;
    let with_all = server.resident_bytes()?;
    slow.finish()?;
    check_idle(&idle)?;
    drop(idle);
    read_until(&AtomicBool::new(false), Duration::from_secs(2), read()?)?;
    let after = server.resident_bytes()?;

    print!("{}", report(&alone, &beside, [before, with_idle, with_all, after]));
    Ok(())
}

fn report(alone: &[f64], beside: &[f64], memory: [u64; 4]) -> String {
    let times = |name: &str, times: &[f64]| {
        let [half, most, all] = [50.0, 99.0, 100.0].map(|percent| percentile(times, percent));
        format!(
            "GET users {name:<23} p50 {half:>6.2} ms   p99 {most:>6.2} ms   longest {all:>7.2} ms   {} answers\n",
            times.len()
        )
    };
    let [before, with_idle, with_all, after] = memory.map(|bytes| bytes as f64 / f64::from(1 << 20));
    let each = (with_idle - before) * 1024.0 / IDLE as f64;
    times("alone", alone)
        + &times("beside all connections", beside)
        + &format!(
            "memory before {before:.1} MiB, with {IDLE} idle connections {with_idle:.1} MiB ({each:.1} KiB each), with the slow ones \
             {with_all:.1} MiB, after all of them {after:.1} MiB\n\
             every slow head got its 408, every slow body its answer, and no idle connection was closed\n"
        )
}

/// A connection that reads a user's record, and the request.
type Reader = (TcpStream, Vec<u8>);

fn request_times(address: SocketAddr, access: &str) -> Result<Reader> {
    let mut request = Vec::new();
    write_get(&mut request, USERS, &bearer(access));
    Ok((connect(address)?, request))
}

/// The times of requests in milliseconds, until `stop` is set or the time is over.
fn read_until(stop: &AtomicBool, length: Duration, (mut stream, request): Reader) -> Result<Vec<f64>> {
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < length && !stop.load(Ordering::Relaxed) {
        let sent = Instant::now();
        stream.write_all(&request)?;
        let status = status(&mut stream).context("an answer to GET users is missing")?;
        ensure!(status == 200, "GET users is {status}");
        times.push(sent.elapsed().as_secs_f64() * 1e3);
        thread::sleep(PAUSE);
    }
    Ok(times)
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The status of the next answer, which fits into one read.
fn status(stream: &mut TcpStream) -> Result<u16> {
    let mut buffer = [0; 16 * 1024];
    let read = stream.read(&mut buffer)?;
    let text = std::str::from_utf8(buffer.get(..read).unwrap_or_default())?;
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the connection has ended")
}

fn idle(address: SocketAddr) -> Result<TcpStream> {
    let mut stream = connect(address)?;
    let mut request = Vec::new();
    write_get(&mut request, HEALTH, "");
    stream.write_all(&request)?;
    ensure!(status(&mut stream)? == 200, "an idle connection got another answer");
    Ok(stream)
}

/// Checks that the server has closed no idle connection.
fn check_idle(idle: &[TcpStream]) -> Result<()> {
    for stream in idle {
        stream.set_nonblocking(true)?;
        match stream.peek(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => bail!("the server has closed an idle connection"),
        }
    }
    Ok(())
}

/// The slow connections.
struct Slow {
    heads: Vec<TcpStream>,
    bodies: Vec<TcpStream>,
    /// The bytes that each body has sent.
    sent: usize,
}

/// The length of a slow body: white space, and an object at the end.
const BODY: usize = 200;

impl Slow {
    fn open(server: &Server) -> Result<Self> {
        let open = |start: &str| {
            let mut stream = connect(server.address)?;
            stream.write_all(start.as_bytes())?;
            Ok(stream)
        };
        let head = format!("GET {USERS} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        let headers = server.instance()?.headers();
        let body = format!(
            "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {BODY}\r\n{headers}\r\n"
        );
        let heads = (0..SLOW_OF_EACH_KIND).map(|_| open(&head)).collect::<Result<_>>()?;
        let bodies = (0..SLOW_OF_EACH_KIND).map(|_| open(&body)).collect::<Result<_>>()?;
        Ok(Self { heads, bodies, sent: 0 })
    }

    /// Sends a byte now and then.
    fn send_for(&mut self, length: Duration) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < length {
            let round = Instant::now();
            for head in &mut self.heads {
                // The server may have closed it already: its answer is read at the end.
                if began.elapsed() < length / 2 {
                    head.write_all(b"x")?;
                }
            }
            for body in &mut self.bodies {
                body.write_all(b" ").context("the server has closed a slow body that was in time")?;
            }
            self.sent += 1;
            thread::sleep(BYTE.saturating_sub(round.elapsed()));
        }
        Ok(())
    }

    /// Reads the `408` of each head, and sends the rest of each body and reads its answer.
    fn finish(mut self) -> Result<()> {
        for head in &mut self.heads {
            let status = status(head).context("the answer to a slow head is missing")?;
            ensure!(status == 408, "a slow head got {status}");
        }
        let rest = format!("{:>width$}", "{}", width = BODY - self.sent);
        for body in &mut self.bodies {
            body.write_all(rest.as_bytes())?;
            let status = status(body).context("the answer to a slow body is missing")?;
            ensure!(status == 200, "a slow body got {status}");
        }
        Ok(())
    }
}

/// Allows this process, and the server that it starts, to open so many files.
#[cfg(target_os = "linux")]
fn allow_files(needed: u64) -> Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        let maximum = limit.maximum.unwrap_or_default();
        bail!(
            "this measurement opens {needed} files, and the system allows {maximum}: raise the hard limit (`ulimit -Hn {needed}` as root)"
        );
    }
    limit.current = Some(needed);
    setrlimit(Resource::Nofile, limit).context("the limit of open files could not be raised")
}

/// Elsewhere the memory of a process cannot be read either.
#[cfg(not(target_os = "linux"))]
fn allow_files(_: u64) -> Result<()> {
    bail!("this measurement runs on Linux only")
}
