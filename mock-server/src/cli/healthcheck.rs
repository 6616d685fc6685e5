//! The socket of `telematics-mock healthcheck`.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};

use telematics_mock_cli::healthcheck::{Healthcheck, MAX_ANSWER_BYTES, PATIENCE};

/// Asks the server whether it is ready.
///
/// # Errors
///
/// A sentence that tells why it is not.
pub fn run(check: &Healthcheck) -> Result<(), String> {
    let answer = check.address().to_socket_addrs().and_then(|addresses| ask(addresses, &check.request()));
    check.judge(answer.as_deref())
}

/// Asks at each address of a name until one answers.
fn ask(addresses: impl Iterator<Item = SocketAddr>, request: &str) -> io::Result<String> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match ask_at(address, request) {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask_at(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
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
        let request = Healthcheck::new("http://localhost").unwrap().request();
        assert!(ask(addresses.into_iter(), &request).unwrap().starts_with("HTTP/1.1 200"));
        server.join().unwrap();
    }
}
