//! Requests that wait until the test answers them.

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use serde_json::Value;
use telematics_user_client::engine::ports::Transport;
use telematics_user_client::error::{Error, ErrorCode};
use telematics_user_client::wire::{Body, HttpRequest, HttpResponse};

use super::{BASE_URL, World, failure};

impl World {
    /// The only waiting request, which goes to this path.
    pub fn request(&self, path: &str) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{:?}", requests.iter().map(Request::path).collect::<Vec<_>>());
        let request = requests.remove(0);
        assert_eq!(request.path(), path);
        request
    }

    /// The waiting requests in the order in which they were sent, without the aborted ones.
    pub fn requests(&self) -> Vec<Request> {
        self.run();
        let mut requests = std::mem::take(&mut *self.0.shared.requests.borrow_mut());
        requests.retain(|request| !request.is_aborted());
        requests
    }
}

/// A request that waits for its response.
pub struct Request {
    sent: HttpRequest,
    answer: Rc<RefCell<Exchange>>,
}

#[derive(Default)]
struct Exchange {
    answer: Option<Result<HttpResponse, Error>>,
    waker: Option<Waker>,
    aborted: bool,
}

impl Request {
    pub fn path(&self) -> String {
        self.sent.url.strip_prefix(BASE_URL).unwrap().to_owned()
    }

    pub fn method(&self) -> &'static str {
        self.sent.method.as_str()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.sent.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
    }

    /// The access token of the request.
    pub fn bearer(&self) -> Option<&str> {
        self.header("Authorization")?.strip_prefix("Bearer ")
    }

    pub fn body(&self) -> Value {
        match &self.sent.body {
            Some(Body::Json(json)) => serde_json::from_str(json).unwrap(),
            Some(Body::Given(_)) | None => Value::Null,
        }
    }

    /// The body, if only the transport knows its type.
    pub fn given_body(&self) -> Option<Rc<dyn Any>> {
        match &self.sent.body {
            Some(Body::Given(body)) => Some(Rc::clone(body)),
            Some(Body::Json(_)) | None => None,
        }
    }

    pub fn is_aborted(&self) -> bool {
        self.answer.borrow().aborted
    }

    pub fn answer(&self, status: u16, body: &Value) {
        self.answer_text(status, &body.to_string());
    }

    pub fn answer_text(&self, status: u16, body: &str) {
        self.settle(Ok(HttpResponse { status, retry_after_seconds: Some(7), body: body.to_owned() }));
    }

    /// Answers with a failure and `Retry-After: 7`.
    pub fn fail(&self, status: u16) {
        self.answer(status, &failure(status));
    }

    /// Answers with a failure and `Retry-After`.
    pub fn fail_after(&self, status: u16, seconds: u32) {
        self.settle(Ok(HttpResponse { status, retry_after_seconds: Some(seconds), body: failure(status).to_string() }));
    }

    /// Answers with a failure without `Retry-After`.
    pub fn fail_without_retry_after(&self, status: u16) {
        self.settle(Ok(HttpResponse { status, retry_after_seconds: None, body: failure(status).to_string() }));
    }

    /// Breaks the connection. The client cannot know whether the service received the request.
    pub fn lose(&self) {
        self.settle(Err(Error::new(ErrorCode::Network, "lost")));
    }

    fn settle(&self, answer: Result<HttpResponse, Error>) {
        let mut exchange = self.answer.borrow_mut();
        exchange.answer = Some(answer);
        if let Some(waker) = exchange.waker.take() {
            waker.wake();
        }
    }
}

/// Marks a request as aborted when it is dropped.
struct AbortOnDrop(Rc<RefCell<Exchange>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.borrow_mut().aborted = true;
    }
}

impl Transport for World {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let exchange = Rc::new(RefCell::new(Exchange::default()));
        self.0.shared.requests.borrow_mut().push(Request { sent: request, answer: Rc::clone(&exchange) });
        let abort_on_drop = AbortOnDrop(exchange);
        poll_fn(|context| {
            let mut exchange = abort_on_drop.0.borrow_mut();
            exchange.waker = Some(context.waker().clone());
            exchange.answer.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
