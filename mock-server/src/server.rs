//! Sockets: accepts connections, serves them, and lets them finish.

use std::error::Error as _;
use std::future::Future;
use std::os::fd::AsFd as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use socket2::Socket;
use telematics_mock_core::http::Closed;
use tokio::net::TcpListener;
use tracing::{debug, warn};

use crate::http::App;

/// The time that open connections have to finish after the server was told to stop.
pub const DRAIN: Duration = Duration::from_secs(5);

/// Accepts connections until `shutdown` resolves, then gives open ones at most [`DRAIN`] to finish.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let app = Arc::new(app);
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most likely too many files are open; one may be closed by the next try.
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        // Small answers must not wait for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "TCP_NODELAY could not be set");
        }
        // hyper takes the stream; the duplicate is for a fault that resets the connection.
        let socket = stream.as_fd().try_clone_to_owned().map(Socket::from);
        let app = Arc::clone(&app);
        let service = service_fn(move |request| {
            let app = Arc::clone(&app);
            async move { app.answer(request, peer.ip()).await }
        });
        let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let Err(error) = connection.await else { return };
            let closed = error.source().and_then(|source| source.downcast_ref::<Closed>());
            if closed.is_some_and(|closed| closed.reset)
                && let Ok(socket) = socket
            {
                // With a linger time of zero, closing the last descriptor resets the connection.
                let _ = socket.set_linger(Some(Duration::ZERO));
            }
            debug!(%error, "a connection ended early");
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
        warn!("some connections did not finish within {} s", DRAIN.as_secs());
    }
}
