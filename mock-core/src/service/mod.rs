//! The user service without HTTP: what decides.
//!
//! [`UserService`] is one struct with one verb for each thing that happens, and only these verbs touch state. They take
//! what was asked and answer what the contract says, or a [`Refusal`]. Time and randomness are passed in.

pub mod admins;
mod authentication;
pub mod clock;
mod credentials;
mod finding;
pub mod ids;
pub mod instances;
pub mod jwt;
pub mod lockout;
pub mod mac;
mod management;
pub mod outbox;
mod passwords;
pub mod pictures;
mod profile;
pub mod random;
mod records;
pub mod refusal;
mod registration;
mod scope;
mod session;
pub mod settings;
mod snapshot;
mod test_control;
pub mod time;
pub mod tokens;
mod users;

use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock};

pub use authentication::{AdminCaller, Authenticated, Caller, Legacy, Presented, UserCaller};
pub use instances::InstanceHeaders;
pub use jwt::OpenedToken;
pub use management::Target;
pub use refusal::Refusal;
pub use scope::Scope;
pub use session::LoginHeaders;
pub use settings::{Overrides, Settings, Sunset};
pub use snapshot::{Discarded, RestoreError, Snapshot};
pub use test_control::{
    ChangedClock, ClockChange, ClockReading, CreatedInstance, ExpiredCount, GenerationView, NoSuchInstance, NoSuchUser,
    TokenKind, TokensView,
};

use admins::{Admins, NewAdmin};
use clock::{Dial, TimeSource};
use ids::{AdminId, InstanceId};
use instances::{Instance, InstanceTaken, Instances, NewInstance};
use jwt::{Signer, World};
use lockout::Lockout;
use random::{RandomStream, Seed};
use time::Timestamp;
use tokens::Mint;
use users::Users;

/// A user service in memory.
pub struct UserService {
    time: Box<dyn TimeSource>,
    /// The keys of the state, to be had without its lock.
    keys: RwLock<Arc<Keys>>,
    state: Mutex<State>,
    /// What a reset goes back to.
    start: Mutex<Arc<Snapshot>>,
}

/// Who is told that a message was sent: whose user it was sent to, and where. It is called under the lock, so it must be
/// quick and must not ask the service anything.
pub type Audience = Arc<dyn Fn(InstanceId, &str) + Send + Sync>;

/// What a service starts with.
pub struct Start {
    /// What is set.
    pub settings: Settings,
    /// What everything random grows from.
    pub seed: Seed,
    /// Where real time comes from.
    pub time: Box<dyn TimeSource>,
    /// The point in time at which the virtual clock stands still; it shows real time where there is none.
    pub clock: Option<Timestamp>,
}

/// What tokens are made with, and recognised by.
struct Keys {
    seed: Seed,
    world: World,
    signer: Signer,
    mint: Mint,
}

impl Keys {
    fn of(seed: Seed) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = seed.secret("world");
        let world = World(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        Self {
            world,
            signer: Signer::new(&seed.secret("access token"), world),
            mint: Mint::new(&seed.secret("refresh token")),
            seed,
        }
    }
}

/// Everything that changes, behind one lock: a verb is one moment, so that nobody ever sees half of it.
///
/// Nothing slow happens inside: tokens are signed and opened outside, and passwords are hashed outside.
struct State {
    keys: Arc<Keys>,
    settings: Settings,
    clock: Dial,
    clock_at_start: Dial,
    /// Where everything random comes from that belongs to no instance.
    random: RandomStream,
    instances: Instances,
    users: Users,
    admins: Admins,
    lockout: Lockout,
    /// Who is told of a message, without its password.
    audience: Option<Audience>,
    /// Counts the changes, so that a state file is written only when there is something new.
    revision: u64,
}

impl UserService {
    /// A fresh service with the well-known identities.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Start { settings, seed, time, clock } = start;
        let clock = clock.map_or_else(Dial::default, Dial::frozen);
        let keys = Arc::new(Keys::of(seed));
        let state = State {
            random: keys.seed.stream(b"server"),
            settings,
            clock,
            clock_at_start: clock,
            instances: Instances::default(),
            users: Users::default(),
            admins: Admins::default(),
            lockout: Lockout::default(),
            audience: None,
            revision: 0,
            keys: Arc::clone(&keys),
        };
        let service = Self {
            time,
            keys: RwLock::new(keys),
            start: Mutex::new(Arc::new(state.snapshot())),
            state: Mutex::new(state),
        };
        for instance in NewInstance::well_known() {
            // Fresh, so nothing is taken.
            let _ = service.add_instance(instance);
        }
        let _ = service.add_admin(NewAdmin::well_known());
        service.set_start();
        service
    }

    /// Tells `audience` of every message from now on.
    pub fn on_message(&self, audience: Audience) {
        self.state.lock().audience = Some(audience);
    }

    /// Makes what is now what a reset goes back to.
    pub fn set_start(&self) {
        *self.start.lock() = Arc::new(self.read().snapshot());
    }

    /// The state, to look at.
    fn read(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// The state, to change it.
    fn write(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.revision += 1;
        state
    }

    /// Counts the changes so far.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.read().revision
    }

    /// Adds an instance.
    ///
    /// # Errors
    ///
    /// There already is one with that id or that invite code.
    pub fn add_instance(&self, new: NewInstance) -> Result<(), InstanceTaken> {
        let mut state = self.write();
        let instance = Instance::new(new, &state.keys.seed);
        state.instances.add(instance)
    }

    /// Adds an admin; `false`, and nothing happens, where the login is taken.
    #[must_use]
    pub fn add_admin(&self, new: NewAdmin) -> bool {
        let mut state = self.write();
        let (id, birth) = (AdminId::from_random(state.random.bytes()), state.random.portable_number());
        state.admins.add(new, id, birth)
    }

    /// The settings of a scope.
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

    /// The time that the virtual clock of a scope shows.
    #[must_use]
    pub fn now(&self, scope: Scope) -> Timestamp {
        let real = self.time.now();
        self.read().now(scope, real)
    }

    /// Opens an access token of this server, expired or not.
    #[must_use]
    pub fn open(&self, access_token: &str) -> Option<OpenedToken> {
        let keys = Arc::clone(&self.keys.read());
        keys.signer.open(access_token)
    }

    /// The instance that has that invite code.
    #[must_use]
    pub fn invited(&self, code: &str) -> Option<InstanceId> {
        self.read().instances.invited(code).ok()
    }
}

impl State {
    fn settings_of(&self, scope: Scope) -> Settings {
        let overrides = scope.instance().and_then(|id| self.instances.get(id)).map(|instance| &instance.overrides);
        overrides.map_or(self.settings, |overrides| self.settings.with(overrides))
    }

    fn now(&self, scope: Scope, real: Timestamp) -> Timestamp {
        let instance = scope.instance().and_then(|id| self.instances.get(id));
        instance.map_or_else(|| self.clock.shows(real), |instance| instance.clock.shows(&self.clock, real))
    }
}

impl fmt::Debug for UserService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserService(…)")
    }
}
