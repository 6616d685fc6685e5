//! Accepts connections, serves them, and lets them finish.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
pub use telematics_mock_core::http::DRAIN;
use telematics_mock_core::http::late_head;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::activity::{Activity, Expiry, Watchdog};
use crate::http::App;
use crate::socket::{Ending, EndingChoice, Socket};

/// The interval between two warnings that a connection could not be accepted.
const WARNING_INTERVAL: Duration = Duration::from_secs(1);

/// Accepts connections until `shutdown` resolves, then gives open ones at most [`DRAIN`] to finish.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let (app, farewell) = (Arc::new(app), Arc::from(late_head()));
    let connections = GracefulShutdown::new();
    let mut warned: Option<Instant> = None;
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => serve_connection(stream, peer.ip(), &app, &farewell, &connections),
            Err(error) => {
                // Most likely too many files are open; one may be closed by the next try.
                if warned.is_none_or(|warned| warned.elapsed() >= WARNING_INTERVAL) {
                    warned = Some(Instant::now());
                    warn!(%error, "a connection could not be accepted; the server tries again until it succeeds");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
        warn!("some connections did not finish within {} s", DRAIN.as_secs());
    }
}

/// Serves a connection in a task of its own, until it ends or its client has kept the server waiting for too long.
fn serve_connection(
    stream: TcpStream,
    peer: IpAddr,
    app: &Arc<App>,
    farewell: &Arc<[u8]>,
    connections: &GracefulShutdown,
) {
    // Small answers must not wait for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY could not be set");
    }
    let (activity, ending) = (Activity::new(), EndingChoice::default());
    let watchdog = Watchdog::new(activity.clone(), app.limits());
    let socket = Socket::new(stream, activity.clone(), ending.clone(), Arc::clone(farewell));
    let (app, resets) = (Arc::clone(app), ending.clone());
    let service = service_fn(move |request| {
        let (app, resets, activity) = (Arc::clone(&app), resets.clone(), activity.clone());
        async move {
            let answer = app.answer(request, peer, &activity).await;
            if answer.as_ref().is_err_and(|closed| closed.reset) {
                resets.choose(Ending::Reset);
            }
            answer
        }
    });
    // The watchdog has the time limits, so hyper needs none. The core sets the header `Date`, and a fault may remove it.
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(socket), service);
    let connection = connections.watch(connection);
    let too_slow = async move {
        let expiry = watchdog.await;
        // The connection, and with it the socket, is dropped after this.
        if expiry == Expiry::LateHead {
            ending.choose(Ending::TooSlow);
        }
        debug!(?expiry, "a client kept the server waiting for too long");
    };
    tokio::spawn(async move {
        tokio::select! {
            biased;
            ended = connection => {
                if let Err(error) = ended {
                    debug!(%error, "a connection ended early");
                }
            }
            () = too_slow => {}
        }
    });
}
