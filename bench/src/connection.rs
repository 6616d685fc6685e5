//! One nonblocking connection of the load.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::caller::Caller;
use crate::http::Frame;

/// The most bytes that one read asks for.
const READ_BYTES: usize = 64 * 1024;

/// A nonblocking connection with its caller and at most one request in flight.
pub(crate) struct Connection<C> {
    stream: TcpStream,
    /// The caller.
    pub(crate) caller: C,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    frame: Option<Frame>,
    /// When the request in flight was due; `None` while the connection is idle.
    due: Option<Instant>,
}

impl<C: Caller> Connection<C> {
    /// Connects, and registers for the events of `token`.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) fn open(address: SocketAddr, caller: C, registry: &Registry, token: Token) -> Result<Self> {
        let stream = connect(address, registry, token)?;
        let (outgoing, incoming) = (Vec::with_capacity(4096), Vec::with_capacity(8192));
        Ok(Self { stream, caller, outgoing, incoming, frame: None, due: None })
    }

    /// Connects again. The connection must be idle.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) fn reopen(&mut self, address: SocketAddr, registry: &Registry, token: Token) -> Result<()> {
        self.stream = connect(address, registry, token)?;
        Ok(())
    }

    /// Sends the next request, due at `due`; `false` if the caller has none.
    ///
    /// # Errors
    /// If the connection is broken.
    pub(crate) fn send(&mut self, due: Instant) -> Result<bool> {
        self.outgoing.clear();
        if !self.caller.request(&mut self.outgoing) {
            return Ok(false);
        }
        // A request of a few kilobytes always fits into the buffer of an idle connection.
        self.stream.write_all(&self.outgoing).context("a request could not be sent")?;
        self.due = Some(due);
        Ok(true)
    }

    /// Reads the bytes that have arrived. With the whole answer, checks it and returns the time at which its request was due.
    ///
    /// # Errors
    /// If the connection is broken or the answer is not the expected one.
    pub(crate) fn receive(&mut self) -> Result<Option<Instant>> {
        loop {
            let filled = self.incoming.len();
            self.incoming.resize(filled + READ_BYTES.min(self.missing()), 0);
            let read = self.stream.read(self.incoming.get_mut(filled..).unwrap_or_default());
            self.incoming.truncate(filled + read.as_ref().map_or(0, |read| *read));
            match read {
                Ok(0) => bail!("the server closed a connection"),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("an answer could not be read"),
            }
            if self.frame.is_none() {
                self.frame = Frame::find(&self.incoming)?;
            }
            let Some(frame) = self.frame.filter(|frame| self.incoming.len() >= frame.len()) else { continue };
            let due = self.due.take().context("an answer came without a request")?;
            self.caller.answer(frame.body_of(&self.incoming)?)?;
            self.incoming.clear();
            self.frame = None;
            return Ok(Some(due));
        }
    }

    /// Bytes worth reading next: the rest of the answer, or a first piece while its length is unknown.
    fn missing(&self) -> usize {
        self.frame.map_or(4096, |frame| frame.len().saturating_sub(self.incoming.len()).max(1))
    }
}

fn connect(address: SocketAddr, registry: &Registry, token: Token) -> Result<TcpStream> {
    let stream = std::net::TcpStream::connect(address).with_context(|| format!("{address} is not reachable"))?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    registry.register(&mut stream, token, Interest::READABLE)?;
    Ok(stream)
}
