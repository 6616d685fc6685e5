//! The session engine: plain Rust without I/O. Everything it needs from outside it gets through [`ports`].

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use serde::Serialize;
use telematics_contract::auth::TokensResponse;

use crate::calls::Operation;
use crate::calls::auth::Login;
use crate::calls::management::{JoinInstance, UploadImage, UserExists};
use crate::calls::registration::{Register, RegisterMany};
use crate::calls::user::{ReadUser, UpdateUser};
use crate::error::{Error, ErrorCode};
use config::Config;
use flight::Flight;
use http::HttpRequest;
use ports::{ChangeKind, Origin, Ports};
use service::{Boxed, Service};
use session::{Moment, Session};
use vault::{Standing, State};

mod bearer;
pub mod config;
pub mod flight;
pub mod http;
pub mod ports;
mod renewal;
pub mod service;
pub mod session;
mod tabs;
mod vault;

pub use bearer::Bearer;

/// Keeps one user signed in and makes calls for that user. All its methods take `&Rc<Self>`: a call keeps the engine alive.
pub struct Engine<P> {
    service: Service<P>,
    state: RefCell<State>,
    closed: Flight<()>,
}

impl<P: Ports> Engine<P> {
    /// An engine with nobody signed in.
    #[must_use]
    pub fn new(config: Config, ports: P) -> Rc<Self> {
        Rc::new(Self { service: Service { config, ports }, state: RefCell::new(State::new()), closed: Flight::new() })
    }

    /// What the engine was told.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.service.config
    }

    /// Registers a user and signs in as that user.
    ///
    /// # Errors
    /// Those of [`Service::exchange`]; `aborted` when somebody signed in or out meanwhile.
    pub async fn register<T: Serialize>(
        self: &Rc<Self>,
        user: &Register<T>,
        timeout_ms: Option<u32>,
    ) -> Result<Rc<Session>, Error> {
        let request = user.request(&self.service.config, &self.service.ports)?;
        self.sign_in(request, Register::<T>::answer, ChangeKind::Registered, timeout_ms).await
    }

    /// Signs a user in.
    ///
    /// # Errors
    /// Those of [`Service::exchange`]; `aborted` when somebody signed in or out meanwhile.
    pub async fn login(self: &Rc<Self>, login: &Login, timeout_ms: Option<u32>) -> Result<Rc<Session>, Error> {
        let request = login.request(&self.service.config, &self.service.ports)?;
        self.sign_in(request, Login::answer, ChangeKind::SignedIn, timeout_ms).await
    }

    async fn sign_in(
        self: &Rc<Self>,
        request: HttpRequest,
        answer: fn(&str, &P) -> Result<TokensResponse, Error>,
        kind: ChangeKind,
        timeout_ms: Option<u32>,
    ) -> Result<Rc<Session>, Error> {
        let ticket = self.ticket();
        let session = Rc::new(self.service.exchange(request, answer, timeout_ms).await?);
        if !self.decide(ticket, Standing::SignedIn(Rc::clone(&session))) {
            return Err(Error::new(ErrorCode::Aborted, "Somebody has signed in or out meanwhile."));
        }
        self.publish(kind, Origin::ThisTab).landed().await;
        Ok(session)
    }

    /// Registers many users alike; the session stays as it is.
    ///
    /// # Errors
    /// Those of [`Service::send`], and `decode`.
    pub async fn register_many<T: Serialize>(
        &self,
        batch: &RegisterMany<T>,
        timeout_ms: Option<u32>,
    ) -> Result<Vec<Session>, Error> {
        let Service { config, ports } = &self.service;
        let asked = Moment::now(ports);
        let body = self.service.send(batch.request(config, ports)?, timeout_ms).await?;
        let mut sessions = Vec::new();
        for tokens in RegisterMany::<T>::answer(&body, ports)? {
            sessions.push(Session::given(tokens, asked).ok_or_else(Error::decode)?);
        }
        Ok(sessions)
    }

    /// Buys the next pair of tokens now, or waits for the renewal that is under way.
    ///
    /// # Errors
    /// `not-signed-in`, and those of a renewal.
    pub async fn refresh(self: &Rc<Self>) -> Result<Rc<Session>, Error> {
        if self.session().is_none() {
            return Err(Error::not_signed_in());
        }
        self.renewal().landed().await?;
        self.session().ok_or_else(Error::not_signed_in)
    }

    /// The user's own record, as it came.
    ///
    /// # Errors
    /// Those of [`Self::authorized`].
    pub async fn profile(self: &Rc<Self>, timeout_ms: Option<u32>) -> Result<String, Error> {
        self.authorized(&ReadUser, timeout_ms).await
    }

    /// Changes the user's own record.
    ///
    /// # Errors
    /// Those of [`Self::authorized`].
    pub async fn update<T: Serialize>(
        self: &Rc<Self>,
        changes: &UpdateUser<T>,
        timeout_ms: Option<u32>,
    ) -> Result<(), Error> {
        self.authorized(changes, timeout_ms).await
    }

    /// Sends a request as nobody; resolves to the body of a success.
    ///
    /// # Errors
    /// Those of [`Service::send`].
    pub fn send(&self, request: HttpRequest, timeout_ms: Option<u32>) -> Boxed<'_, Result<String, Error>> {
        self.service.send(request, timeout_ms)
    }

    /// Lets the user join another instance; resolves to the answer as it came.
    ///
    /// # Errors
    /// Those of [`Self::authorized`].
    pub async fn join_instance(
        self: &Rc<Self>,
        invite_code: &JoinInstance,
        timeout_ms: Option<u32>,
    ) -> Result<String, Error> {
        self.authorized(invite_code, timeout_ms).await
    }

    /// Asks whether somebody is registered; nobody needs to be signed in. Resolves to the answer as it came.
    ///
    /// # Errors
    /// Those of [`Service::send`], and `decode`.
    pub async fn user_exists(&self, query: &UserExists, timeout_ms: Option<u32>) -> Result<String, Error> {
        let Service { config, ports } = &self.service;
        let body = self.service.send(query.request(config, ports)?, timeout_ms).await?;
        UserExists::answer(&body, ports)
    }

    /// Uploads the user's picture; resolves to where it is.
    ///
    /// # Errors
    /// Those of [`Self::authorized`].
    pub async fn upload_image(
        self: &Rc<Self>,
        picture: &UploadImage,
        timeout_ms: Option<u32>,
    ) -> Result<String, Error> {
        self.authorized(picture, timeout_ms).await
    }

    /// Forgets the session at once; resolves when the storage has forgotten it too.
    pub fn sign_out(self: &Rc<Self>) -> impl Future<Output = ()> + use<P> {
        let ticket = self.ticket();
        let decided = self.decide(ticket, Standing::SignedOut);
        debug_assert!(decided, "the newest ticket always decides");
        self.publish(ChangeKind::SignedOut, Origin::ThisTab).landed()
    }

    /// Ends the engine: whoever waits for [`Self::closed`] hears of it. A renewal under way still runs to its end, because
    /// its answer is the only copy of the next pair.
    pub fn close(&self) {
        self.closed.settle(());
    }

    /// Resolves when the engine is closed.
    pub fn closed(&self) -> impl Future<Output = ()> + use<P> {
        self.closed.landed()
    }
}
