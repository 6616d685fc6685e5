//! The user service without HTTP: everything that decides.
//!
//! [`UserService`] is one struct with one verb for each thing that can happen, and only these verbs change state. A verb takes the
//! contract's request types and returns the contract's response types, or a [`Refusal`]. Time and randomness are passed in.

mod account_instances;
mod account_views;
mod accounts;
pub mod admins;
pub mod applications;
mod authentication;
mod capture;
mod claims;
pub mod clock;
mod clocks;
mod contact_index;
mod credentials;
pub mod family;
mod filter;
mod finding;
mod fixture_users;
pub mod fixtures;
pub mod ids;
mod instance_creation;
mod instance_removal;
mod instance_users;
pub mod instances;
mod issue;
pub mod jwt;
pub mod lockout;
pub mod lockout_limits;
pub mod mac;
mod management;
pub(crate) mod map;
mod messages;
mod minting;
mod new_instance;
mod occasion;
pub mod outbox;
mod passwords;
pub mod pictures;
mod profile;
pub mod random;
mod records;
mod refresh;
pub mod refresh_token;
pub mod refusal;
mod registration;
mod replacement;
mod restoration;
pub mod rotation;
mod scope;
mod session;
pub mod settings;
mod slab;
pub mod snapshot;
mod state;
#[cfg(test)]
mod store_model;
mod telematics;
mod test_control;
pub mod time;
mod token_states;
mod token_views;
mod user_store;
pub mod user_views;
mod users;
#[cfg(test)]
mod verb_model;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock};

pub use authentication::{AdminCaller, Authenticated, Caller, LegacyAuthentication, PresentedCredentials, UserCaller};
pub use clocks::{ClockChange, ClockReading};
pub use fixtures::{FixtureError, UserChange, UserFixture, UserProfileFixture};
pub use instance_creation::{CreateInstanceError, CreatedInstance};
pub use instance_removal::InstanceView;
pub use instances::InstanceHeaders;
pub use jwt::{MintedSignature, OpenedToken};
pub use management::Target;
pub use minting::{AccessTokenKey, MintOptions};
pub use occasion::{Occasion, RequestNumber};
pub use refusal::Refusal;
pub use restoration::Discarded;
pub use scope::Scope;
pub use session::LoginHeaders;
pub use settings::{InvalidSettings, Overrides, Settings};
pub use snapshot::{FaultDraws, RestoreError, Snapshot};
pub use state::MessageListener;
pub use test_control::{ChangedClock, ExpiredCount, NoSuchInstance, NoSuchUser, TokenKind};
pub use token_states::{AccessTokenState, RefreshTokenState};
pub use token_views::{GenerationState, GenerationView, TokensView};
pub use user_views::{UserCredentials, UserPage, UserQuery, UserState, UserView};

use admins::{AdminTaken, NewAdmin};
use clock::{Dial, TimeSource};
use clocks::Clocks;
use ids::InstanceId;
use instances::{Instance, InstanceTaken, NewInstance};
use passwords::PasswordHasher;
use random::Seed;
use snapshot::ServerState;
use state::{Keys, State};
use time::Timestamp;

/// A user service in memory.
///
/// ```
/// use telematics_contract::registration::RegisterRequest;
/// use telematics_mock_core::service::clock::FixedTime;
/// use telematics_mock_core::service::instances::{DEMO_INSTANCE, DEMO_KEY};
/// use telematics_mock_core::service::random::Seed;
/// use telematics_mock_core::service::time::Timestamp;
/// use telematics_mock_core::service::{InstanceHeaders, Settings, Start, UserService};
///
/// let service = UserService::new(Start {
///     settings: Settings::default(),
///     seed: Seed::from_number(1),
///     time: Box::new(FixedTime(Timestamp::from_seconds(1_767_225_600))),
///     clock: None,
/// });
/// let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
/// let registered = service.register(&headers, RegisterRequest::default(), None)?;
/// let (access, refresh) = registered.access_token.zip(registered.refresh_token).expect("a registration gives tokens");
///
/// let opened = service.open(access.token.expose());
/// let refreshed = service.refresh(&InstanceHeaders::default(), opened, &refresh, None)?;
/// assert_ne!(refreshed.refresh_token, Some(refresh));
/// # Ok::<(), telematics_mock_core::service::Refusal>(())
/// ```
pub struct UserService {
    time: Box<dyn TimeSource>,
    passwords: PasswordHasher,
    state: Mutex<State>,
    /// The parts of the state that most requests need and few change, so that reading them does not wait for the state.
    published: RwLock<Published>,
    /// The state that a reset goes back to. Its lock also makes sure that only one reset or restoration is in progress.
    start: Mutex<Arc<ServerState>>,
}

/// Copies of parts of the state. They are replaced while the state is locked.
struct Published {
    keys: Arc<Keys>,
    clocks: Clocks,
}

/// The initial data of a service.
pub struct Start {
    /// The settings.
    pub settings: Settings,
    /// The seed of all random values.
    pub seed: Seed,
    /// The source of real time.
    pub time: Box<dyn TimeSource>,
    /// The time at which the virtual clock stands still; `None` for a clock that shows real time.
    pub clock: Option<Timestamp>,
}

/// The locked state, to read it.
struct Reading<'a>(MutexGuard<'a, State>);

impl Deref for Reading<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl UserService {
    /// A new service with the well-known instances and admin.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Start { settings, seed, time, clock } = start;
        let clock = clock.map_or_else(Dial::default, Dial::frozen);
        let state = State::new(settings, seed, clock);
        let service = Self {
            time,
            passwords: PasswordHasher::default(),
            published: RwLock::new(Published { keys: Arc::clone(&state.keys), clocks: state.clocks.clone() }),
            start: Mutex::new(Arc::new(state.capture().into_state())),
            state: Mutex::new(state),
        };
        for instance in NewInstance::well_known() {
            // The server is new, so no id and no login is taken.
            let _ = service.add_instance(instance);
        }
        let _ = service.add_admin(NewAdmin::well_known());
        service.set_start();
        service
    }

    /// Calls `listener` for each message from now on.
    pub fn on_message(&self, listener: MessageListener) {
        self.state.lock().listener = Some(listener);
    }

    /// Makes the current state the one that a reset goes back to.
    pub fn set_start(&self) {
        let mut start = self.start.lock();
        let captured = self.read().capture();
        *start = Arc::new(captured.into_state());
    }

    /// Locks the state, to read it.
    fn read(&self) -> Reading<'_> {
        Reading(self.state.lock())
    }

    /// Locks the state, to change it.
    fn write(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.revision += 1;
        state
    }

    /// The number of changes so far. A state file needs to be written only if it differs.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.read().revision
    }

    /// Adds an instance.
    ///
    /// # Errors
    ///
    /// Another instance has its id or its invite code, or its invite code is empty.
    pub fn add_instance(&self, new: NewInstance) -> Result<(), InstanceTaken> {
        let mut state = self.write();
        let instance = Instance::new(Arc::new(new), &state.keys.seed);
        state.instances.add(instance)
    }

    /// Adds an admin.
    ///
    /// # Errors
    ///
    /// Another admin has this login.
    pub fn add_admin(&self, new: NewAdmin) -> Result<(), AdminTaken> {
        self.write().add_admin(new)
    }

    /// Whether an admin has this login.
    #[must_use]
    pub fn has_admin(&self, email: &str) -> bool {
        self.read().admins.with_email(&email.trim().to_lowercase()).is_some()
    }

    /// The settings in force in a scope.
    #[must_use]
    pub fn settings(&self, scope: Scope) -> Settings {
        self.read().settings_of(scope)
    }

    /// The scope of an instance.
    ///
    /// # Errors
    ///
    /// The server has no instance with this id.
    pub fn scope(&self, id: InstanceId) -> Result<Scope, NoSuchInstance> {
        let exists = self.read().instances.get(id).is_some();
        if exists { Ok(Scope::Instance(id)) } else { Err(NoSuchInstance) }
    }

    /// The scope of the instance with this invite code.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: no instance has this code.
    pub fn scope_of_invite_code(&self, code: &str) -> Result<Scope, Refusal> {
        self.read().instances.by_invite_code(code).map(Scope::Instance)
    }

    /// The scope that a request belongs to, in this order: the instance of its access token, the instance in its header
    /// `InstanceId`, the instance of its invite code, the server.
    ///
    /// The instance of a user's token is the one in its claims; that of an admin's token is the only instance that the admin
    /// manages. An instance that the server does not have is ignored.
    #[must_use]
    pub fn identify(
        &self,
        token: Option<&OpenedToken>,
        instance_header: Option<InstanceId>,
        invite_code: Option<&str>,
    ) -> Scope {
        self.read().identify(token, instance_header, invite_code)
    }

    /// Real time, which no test moves.
    #[must_use]
    pub fn real_time(&self) -> Timestamp {
        self.time.now()
    }

    /// The time that the virtual clock of a scope shows. Does not wait for the state.
    #[must_use]
    pub fn now(&self, scope: Scope) -> Timestamp {
        let real = self.time.now();
        self.published.read().clocks.now(scope, real)
    }

    /// Opens an access token of this server, expired or not. Does not wait for the state.
    #[must_use]
    pub fn open(&self, access_token: &str) -> Option<OpenedToken> {
        self.keys().signer.open(access_token)
    }

    /// The seed, which a restored snapshot and a reset can replace.
    pub(crate) fn seed(&self) -> Seed {
        self.keys().seed.clone()
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.published.read().keys)
    }

    /// Publishes the keys and the clocks of a state that is locked.
    fn publish(&self, state: &State) {
        *self.published.write() = Published { keys: Arc::clone(&state.keys), clocks: state.clocks.clone() };
    }
}

impl fmt::Debug for UserService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserService(…)")
    }
}
