//! Bodies: what can be wrong with the body of a request, and how the body of an answer is sent.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::control::events::Listener;
use crate::runtime::Runtime;

/// The number of pieces of a body that is sent slowly, at most.
const PIECES: usize = 20;

/// The time that a connection needs to send what it has before an error ends it.
const FLUSH: Duration = Duration::from_millis(1);

/// A request body that the host could not hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// It is larger than [`super::Route::max_body_bytes`] allows.
    TooLarge,
    /// The connection ended before the body did.
    BrokenOff,
    /// The client did not send it in time. The host closes the connection after the answer.
    TooSlow,
}

/// A response whose body the host sends.
pub type Response = http::Response<Body>;

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// Sent at once.
    Whole(Bytes),
    /// Sent piece by piece, because a fault slows it down or breaks it off. Boxed, because it is rare.
    Timed(Box<TimedBody>),
    /// Sent as events happen, for as long as the client listens (`text/event-stream`).
    Events(Box<Listener>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    /// The bytes of a body that is sent at once.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            Self::Timed(_) | Self::Events(_) => Bytes::new(),
        }
    }
}

/// A body that is sent piece by piece, and may break off.
#[derive(Debug)]
pub struct TimedBody {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    breaks_off: bool,
}

/// The error with which a body breaks off, so that the host closes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault broke the body off")]
pub struct BrokenOff;

impl TimedBody {
    /// A body that takes this time.
    #[must_use]
    pub fn dribbled(bytes: &Bytes, over: Duration) -> Self {
        let pieces = pieces(bytes);
        let pause = over / u32::try_from(pieces.len().max(1)).unwrap_or(1);
        Self { pieces, pause, breaks_off: false }
    }

    /// A body that breaks off after `length` bytes, which take this time.
    #[must_use]
    pub fn truncated(bytes: &Bytes, length: usize, over: Duration) -> Self {
        let start = bytes.slice(..length.min(bytes.len()));
        Self { breaks_off: true, ..Self::dribbled(&start, over) }
    }

    /// Waits for the next piece; `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`BrokenOff`] at the end of a truncated body.
    pub async fn next(&mut self, runtime: &dyn Runtime) -> Option<Result<Bytes, BrokenOff>> {
        if let Some(piece) = self.pieces.pop_front() {
            if !self.pause.is_zero() {
                runtime.sleep(self.pause).await;
            }
            return Some(Ok(piece));
        }
        if !self.breaks_off {
            return None;
        }
        self.breaks_off = false;
        runtime.sleep(FLUSH).await;
        Some(Err(BrokenOff))
    }
}

fn pieces(bytes: &Bytes) -> VecDeque<Bytes> {
    let size = bytes.len().div_ceil(PIECES).max(1);
    (0..bytes.len()).step_by(size).map(|from| bytes.slice(from..(from + size).min(bytes.len()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_slow_body_are_the_whole_body() {
        let bytes = Bytes::from(vec![7; 1234]);
        let pieces = pieces(&bytes);
        assert!(pieces.len() <= PIECES);
        assert_eq!(pieces.into_iter().collect::<Vec<_>>().concat(), bytes);
    }

    #[test]
    fn an_empty_body_has_no_pieces() {
        assert!(pieces(&Bytes::new()).is_empty());
    }
}
