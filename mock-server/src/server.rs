//! Sockets: accepts connections, serves them, and lets them finish.

use std::error::Error as _;
use std::future::Future;
use std::net::IpAddr;
use std::os::fd::AsFd as _;
use std::pin::pin;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use socket2::Socket;
use tokio::net::TcpListener;
use tower::{Service, ServiceExt as _};
use tracing::{debug, warn};

use crate::http::app::App;
use crate::http::exchange::{Closed, Sent};
use crate::http::request::ClientAddress;

/// How long connections may take to finish once the server was told to stop.
pub const DRAIN: Duration = Duration::from_secs(5);

/// Serves connections until `shutdown` is there, then lets those that are open finish for at most [`DRAIN`].
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
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
                // Most likely too many open files: the next try may find one closed.
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        // Small answers must not wait for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "TCP_NODELAY could not be set");
        }
        // Kept beside the stream, which hyper takes, for a fault that resets the connection.
        let socket = stream.as_fd().try_clone_to_owned().map(Socket::from);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(from(peer.ip(), app.clone())));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let Err(error) = connection.await else { return };
            let closed = error.source().and_then(|source| source.downcast_ref::<Closed>());
            if closed.is_some_and(|closed| closed.reset)
                && let Ok(socket) = socket
            {
                // Without lingering, the last one to close a socket resets it.
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

/// The app, told where its requests come from.
fn from(
    peer: IpAddr,
    app: App,
) -> impl Service<Request<Incoming>, Response = Sent, Error = Closed, Future: Send> + Clone {
    app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ClientAddress(peer));
        request
    })
}
