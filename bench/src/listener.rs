//! A listener of server-sent events that reads as fast as it can.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow, bail};

use crate::http::write_get;

/// A connection to the stream of events, read on a thread of its own.
pub(crate) struct Listener {
    stream: TcpStream,
    reader: JoinHandle<std::io::Result<u64>>,
}

impl Listener {
    /// Connects, and waits for the head of the answer.
    ///
    /// # Errors
    /// If the server refuses.
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let mut request = Vec::new();
        write_get(&mut request, "/__mock/events", "");
        stream.write_all(&request)?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        if head != *b"HTTP/1.1 200" {
            bail!("the server refused a listener of events");
        }
        let mut input = stream.try_clone()?;
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 256 * 1024];
            let mut bytes = 0;
            loop {
                match input.read(&mut buffer) {
                    Ok(0) => return Ok(bytes),
                    Ok(read) => bytes += read as u64,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        });
        Ok(Self { stream, reader })
    }

    /// Ends the connection.
    ///
    /// # Errors
    /// If no event arrived: then the listener changed nothing and its figure would mean nothing.
    pub(crate) fn stop(self) -> Result<()> {
        self.stream.shutdown(Shutdown::Both)?;
        let bytes = self.reader.join().map_err(|_| anyhow!("the listener of events failed"))??;
        if bytes < 1_000 {
            bail!("the listener received no events");
        }
        Ok(())
    }
}
