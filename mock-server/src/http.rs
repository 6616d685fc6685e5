//! The core behind hyper's types, with the static page beside it. Besides the page the only file that knows warp.
//!
//! The core routes each request once. warp frames server-sent events.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Either, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{Request, Response};
use telematics_mock_core::control::events::{Listener, Notice};
use telematics_mock_core::http::{Api, Body, BodyFault, Closed, HEARTBEAT, MAX_DISCARDED_BYTES, TimeLimits, TimedBody};
use telematics_mock_core::runtime::Runtime;
use tokio::time::{Instant, timeout_at};
use warp::Reply as _;
use warp::sse::Event;

use crate::activity::{Activity, Busy};
use crate::page::Page;

/// The body of an answer on the wire: whole for almost every answer.
pub type WireBody = Either<Full<Bytes>, UnsyncBoxBody<Bytes, WireError>>;

/// The reason why a body on the wire ends early.
#[derive(Debug, thiserror::Error)]
#[error("the body ends early: {0}")]
pub struct WireError(Box<dyn std::error::Error + Send + Sync>);

/// The mock and a static page, ready to be served on a connection.
pub struct App {
    api: Api,
    runtime: Arc<dyn Runtime>,
    page: Option<Page>,
    limits: TimeLimits,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App(…)")
    }
}

impl App {
    /// An app that serves the mock, and the files of `page` at paths that are not the mock's.
    #[must_use]
    pub fn new(api: Api, runtime: Arc<dyn Runtime>, page: Option<PathBuf>) -> Self {
        Self { api, runtime, page: page.map(Page::new), limits: TimeLimits::default() }
    }

    /// The times that a client may keep this app waiting.
    #[must_use]
    pub const fn limits(&self) -> TimeLimits {
        self.limits
    }

    /// Answers a request of a connection from `peer`.
    ///
    /// # Errors
    ///
    /// [`Closed`]: a fault closes the connection without an answer.
    pub async fn answer(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        activity: &Activity,
    ) -> Result<Response<WireBody>, Closed> {
        let busy = activity.busy();
        let (head, body) = request.into_parts();
        let route = self.api.route(&head);
        if let Some(page) = self.page.as_ref().filter(|_| self.api.is_for_page(&route, &head)) {
            if let Some(refusal) = self.api.refuse_page(&head) {
                return Ok(refusal.map(|body| Either::Left(Full::new(body.bytes()))));
            }
            if let Some(file) = page.file(&head).await {
                let mut response = file.map(wire_body);
                self.api.finish(response.headers_mut());
                return Ok(response);
            }
        }
        let body = read(body, route.max_body_bytes(), &self.limits, activity).await;
        let is_late = matches!(body, Err(BodyFault::TooSlow));
        let (mut head, body) = self.api.answer(route, head, body, Some(peer)).await?.into_parts();
        if is_late {
            // The rest of the body could not be told from a next request.
            head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(match body {
            Body::Whole(bytes) => Response::from_parts(head, Either::Left(Full::new(bytes))),
            Body::Timed(body) => Response::from_parts(head, Either::Right(self.pieces(*body, busy))),
            Body::Events(listener) => {
                let (events, body) = events(*listener, busy).into_parts();
                let mut response = Response::from_parts(head, wire_body(body));
                response.headers_mut().extend(events.headers);
                response
            }
        })
    }

    fn pieces(&self, body: TimedBody, busy: Busy) -> UnsyncBoxBody<Bytes, WireError> {
        let runtime = Arc::clone(&self.runtime);
        let pieces = stream::unfold((body, runtime, busy), |(mut body, runtime, busy)| async move {
            let piece = body.next(&*runtime).await?;
            let piece = piece.map(Frame::data).map_err(|broken_off| WireError(Box::new(broken_off)));
            Some((piece, (body, runtime, busy)))
        });
        StreamBody::new(pieces).boxed_unsync()
    }
}

fn wire_body<B>(body: B) -> WireBody
where
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync + 'static> + Send + 'static,
{
    Either::Right(body.map_err(|error| WireError(Box::new(error))).boxed_unsync())
}

/// The pieces of a request body, each within the time limits.
struct Pieces {
    body: Incoming,
    /// The longest time between two pieces.
    pause: Duration,
    /// The time at which the whole body must be there.
    deadline: Instant,
}

impl Pieces {
    /// Waits for the next piece; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Bytes>, BodyFault> {
        loop {
            let deadline = self.deadline.min(Instant::now() + self.pause);
            match timeout_at(deadline, self.body.frame()).await {
                Err(_) => return Err(BodyFault::TooSlow),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(BodyFault::BrokenOff),
                Ok(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}

/// Reads a body up to `limit` bytes. The rest of a larger one is discarded in the background: the answer is sent at once, and a
/// client that sends the whole body before it reads receives the answer too.
async fn read(body: Incoming, limit: usize, limits: &TimeLimits, activity: &Activity) -> Result<Bytes, BodyFault> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut pieces = Pieces { body, pause: limits.body_pause, deadline: Instant::now() + limits.body };
    if limit > 0 {
        let mut whole = Bytes::new();
        loop {
            let Some(piece) = pieces.next().await? else { return Ok(whole) };
            if piece.len() > limit - whole.len() {
                break;
            }
            // Almost every body arrives in one piece, which is not copied.
            whole = if whole.is_empty() { piece } else { joined(whole, &piece) };
        }
    }
    tokio::spawn(discard(pieces, activity.busy()));
    Err(BodyFault::TooLarge)
}

/// Both, one after the other. The first is copied once for any number of further pieces.
fn joined(first: Bytes, second: &Bytes) -> Bytes {
    let mut both = first.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    both.extend_from_slice(second);
    both.freeze()
}

/// Discards a body. hyper closes the connection of a client that sends more than [`MAX_DISCARDED_BYTES`], or too slowly.
async fn discard(mut pieces: Pieces, _busy: Busy) {
    let mut left = MAX_DISCARDED_BYTES;
    while let Ok(Some(piece)) = pieces.next().await {
        match left.checked_sub(piece.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// The events of a listener as `text/event-stream`, with a comment as heartbeat.
fn events(listener: Listener, busy: Busy) -> warp::reply::Response {
    let events = stream::unfold((listener, busy), |(mut listener, busy)| async move {
        let event = match listener.next().await? {
            Notice::Event { name, data } => Event::default().event(name).data(data.to_string()),
            Notice::Missed(count) => Event::default().event("missed").data(format!(r#"{{"count":{count}}}"#)),
        };
        Some((Ok::<_, Infallible>(event), (listener, busy)))
    });
    warp::sse::reply(warp::sse::keep_alive().interval(HEARTBEAT).stream(events)).into_response()
}
