//! Sockets: accepts connections, serves them, and lets them finish.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use telematics_contract::Secret;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::{Service, ServiceExt as _};
use tracing::{debug, warn};
use warp::reply::Response;

use crate::http::app::{App, Reach, app};
use crate::http::request::ClientAddress;
use crate::service::clock::{MachineTime, TimeSource};
use crate::service::random::Seed;
use crate::service::time::Timestamp;
use crate::service::{Settings, Start, UserService};

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
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(from(peer.ip(), app.clone())));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection ended early");
            }
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
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone {
    app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ClientAddress(peer));
        request
    })
}

/// A server in this process, on a port of its own; stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = telematics_mock::MockServer::start().await?;
/// assert!(server.uri().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
pub struct MockServer {
    address: SocketAddr,
    service: Arc<UserService>,
    /// Dropping it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

/// How a [`MockServer`] is to be.
#[derive(Default)]
pub struct MockServerBuilder {
    settings: Settings,
    seed: Option<Seed>,
    time: Option<Box<dyn TimeSource>>,
    page: Option<PathBuf>,
    trust_forwarded_for: bool,
    clock: Option<Timestamp>,
    control_token: Option<Secret>,
}

impl MockServer {
    /// Starts a server as a fresh binary would be, on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port, or no randomness, could be had.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A server that is to be different in something.
    #[must_use]
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The service behind it, for what HTTP does not offer.
    #[must_use]
    pub fn service(&self) -> &UserService {
        &self.service
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MockServer({})", self.uri())
    }
}

impl MockServerBuilder {
    /// With these settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// With tokens that can be repeated.
    #[must_use]
    pub fn seed(mut self, number: u64) -> Self {
        self.seed = Some(Seed::from_number(number));
        self
    }

    /// With another source of time.
    #[must_use]
    pub fn time(mut self, time: impl TimeSource) -> Self {
        self.time = Some(Box::new(time));
        self
    }

    /// With the virtual clock frozen at that time.
    #[must_use]
    pub fn clock(mut self, at: Timestamp) -> Self {
        self.clock = Some(at);
        self
    }

    /// With a token that control requests must send as `Authorization: Bearer …`.
    #[must_use]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(Secret::new(token));
        self
    }

    /// With a folder of static files beside the API.
    #[must_use]
    pub fn page(mut self, folder: impl Into<PathBuf>) -> Self {
        self.page = Some(folder.into());
        self
    }

    /// Where `X-Forwarded-For` says where a request comes from.
    #[must_use]
    pub fn trust_forwarded_for(mut self) -> Self {
        self.trust_forwarded_for = true;
        self
    }

    /// Starts it on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// No port, or no randomness, could be had.
    pub async fn start(self) -> io::Result<MockServer> {
        let seed = self.seed.map_or_else(Seed::random, Ok)?;
        let time = self.time.unwrap_or_else(|| Box::new(MachineTime));
        let service = Arc::new(UserService::new(Start { settings: self.settings, seed, time, clock: self.clock }));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let base = format!("http://{address}");
        let reach = Reach {
            base,
            trust_forwarded_for: self.trust_forwarded_for,
            control_token: self.control_token,
            page: self.page,
        };
        let app = app(Arc::clone(&service), reach);
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, app, async move {
            // Both a message and a dropped sender mean "stop".
            let _ = stopped.await;
        }));
        Ok(MockServer { address, service, _stop: stop })
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockServerBuilder(…)")
    }
}
