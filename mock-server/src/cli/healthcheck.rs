//! `telematics-mock healthcheck`: whether a server is ready, for images that have no curl.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// The longest time for each step of the check.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server at `url` whether it is ready.
///
/// # Errors
///
/// A sentence that tells why it is not.
pub fn healthcheck(url: &str) -> Result<(), String> {
    let host = url.strip_prefix("http://").ok_or_else(|| format!("'{url}' does not start with http://"))?;
    let host = host.split('/').next().unwrap_or_default();
    let address = if host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let answer = ask(&address, host).map_err(|error| format!("{url} does not answer: {error}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(format!("{url} answers, but is not ready: {}", answer.lines().next().unwrap_or_default()))
    }
}

fn ask(address: &str, host: &str) -> std::io::Result<String> {
    let address = address.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /__mock/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
