//! The baseline: hyper's HTTP/1 server, one thread, answers that never change. The only file that knows hyper.
//!
//! It runs as a process of its own. A request is read to the end of its body; then its path decides the answer.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// The answer to every request of one path.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The path, without a query.
    pub(crate) path: String,
    /// All headers except `Date` and `Content-Length`, which hyper writes.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

struct Prepared {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Reads the answers from standard input, prints a ready line and serves until the process is stopped.
///
/// # Errors
/// If the input is not valid or no port is free.
pub(crate) fn run() -> Result<()> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let answers: Vec<Answer> = serde_json::from_slice(&input).context("the answers are not valid JSON")?;
    let answers = answers.into_iter().map(prepare).collect::<Result<Vec<_>>>()?;
    // The process serves until it is killed, so nothing ever needs this memory back.
    let answers: &'static [Prepared] = Vec::leak(answers);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(answers))
}

fn prepare(answer: Answer) -> Result<Prepared> {
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers {
        headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(Prepared { path: answer.path, headers, body: answer.body.into() })
}

async fn serve(answers: &'static [Prepared]) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut output = std::io::stdout();
    writeln!(output, "{{\"url\":\"http://{}\"}}", listener.local_addr()?)?;
    output.flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service_fn(move |request| respond(request, answers));
        let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // A client that closes its connection is not a failure.
            let _ = connection.await;
        });
    }
}

async fn respond(request: Request<Incoming>, answers: &[Prepared]) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, mut body) = request.into_parts();
    while let Some(Ok(_)) = body.frame().await {}
    let Some(answer) = answers.iter().find(|answer| answer.path == head.uri.path()) else {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let mut response = Response::new(Full::new(answer.body.clone()));
    response.headers_mut().clone_from(&answer.headers);
    Ok(response)
}
