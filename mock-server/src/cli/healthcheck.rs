//! `telematics-mock healthcheck`: whether a server is ready, for images that have no curl.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// The longest time for each step of the check.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server at `url` whether it is ready.
///
/// # Errors
///
/// A sentence that tells why it is not.
pub fn healthcheck(url: &str) -> Result<(), String> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(format!("'{url}' does not start with http://"));
    }
    let host = rest.split('/').next().unwrap_or_default();
    let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) && !host.ends_with(']');
    let address = if has_port { host.to_owned() } else { format!("{host}:80") };
    let addresses = address.to_socket_addrs().map_err(|error| format!("{url} does not answer: {error}"))?;
    let answer = ask(addresses, host).map_err(|error| format!("{url} does not answer: {error}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(format!("{url} answers, but is not ready: {}", answer.lines().next().unwrap_or_default()))
    }
}

/// Asks at each address of a name until one answers.
fn ask(addresses: impl Iterator<Item = SocketAddr>, host: &str) -> io::Result<String> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match ask_at(address, host) {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask_at(address: SocketAddr, host: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /__mock/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn every_address_of_a_name_is_tried_until_one_answers() {
        let [closed, open] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = [&closed, &open].map(|listener| listener.local_addr().unwrap());
        drop(closed);
        let server = thread::spawn(move || {
            let mut stream = open.accept().unwrap().0;
            // Bytes that nobody reads would reset the connection.
            BufReader::new(&stream).lines().take_while(|line| !line.as_ref().unwrap().is_empty()).for_each(drop);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        });
        assert!(ask(addresses.into_iter(), "localhost").unwrap().starts_with("HTTP/1.1 200"));
        server.join().unwrap();
    }
}
