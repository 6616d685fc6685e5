//! The sockets: the one that listens, and that of a connection, which reports what it does and ends as a fault or a limit asks.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::activity::Activity;

/// The number of connections that wait to be accepted, at most. The operating system may allow fewer.
const BACKLOG: u32 = 4096;

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
///
/// The address is in use, or not one of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere a server that starts again at once would find its port in use. On Windows the option lets two servers share one.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How a connection ends that does not simply end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is reset, so that the client sees an error instead of an end.
    Reset,
    /// The client is told that it was too slow.
    TooSlow,
}

/// Decides how a connection ends; its socket has the other half.
#[derive(Clone, Debug, Default)]
pub struct EndingChoice(Arc<AtomicU8>);

impl EndingChoice {
    const RESET: u8 = 1;
    const TOO_SLOW: u8 = 2;

    /// Lets the connection end like this.
    pub fn choose(&self, ending: Ending) {
        let number = match ending {
            Ending::Reset => Self::RESET,
            Ending::TooSlow => Self::TOO_SLOW,
        };
        self.0.store(number, Ordering::Relaxed);
    }

    fn chosen(&self) -> Option<Ending> {
        match self.0.load(Ordering::Relaxed) {
            Self::RESET => Some(Ending::Reset),
            Self::TOO_SLOW => Some(Ending::TooSlow),
            _ => None,
        }
    }
}

/// The socket of a connection.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    activity: Activity,
    ending: EndingChoice,
    /// What a client is told that was too slow.
    farewell: Arc<[u8]>,
    /// Whether the client has not yet taken all bytes of an answer.
    is_in_answer: bool,
}

impl Socket {
    /// The socket of an accepted connection. It reports to `activity`, and sends `farewell` to a client that was too slow.
    #[must_use]
    pub fn new(stream: TcpStream, activity: Activity, ending: EndingChoice, farewell: Arc<[u8]>) -> Self {
        Self { stream, activity, ending, farewell, is_in_answer: false }
    }
}

impl Socket {
    /// Notes whether the client has taken bytes of an answer.
    fn note(&mut self, is_taken: bool) {
        self.is_in_answer = !is_taken;
        if is_taken {
            self.activity.sent();
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Either fails only if the connection has ended already.
        match self.ending.chosen() {
            // With a linger time of zero, closing the socket resets the connection.
            Some(Ending::Reset) => {
                let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
            }
            // In the middle of an answer, the client would take it for a part of that.
            Some(Ending::TooSlow) if self.is_in_answer => {}
            Some(Ending::TooSlow) => {
                let _ = self.stream.try_write(&self.farewell);
            }
            None => {}
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.received();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written.is_ready());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
