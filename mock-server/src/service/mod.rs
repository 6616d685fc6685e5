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
mod mac;
mod management;
pub mod outbox;
mod passwords;
pub mod pictures;
mod profile;
pub mod random;
mod records;
pub mod refusal;
mod registration;
mod session;
pub mod settings;
mod test_control;
pub mod time;
pub mod tokens;
mod users;

use std::fmt;

use parking_lot::Mutex;

pub use authentication::{AdminCaller, Authenticated, Caller, Legacy, Presented, UserCaller};
pub use instances::InstanceHeaders;
pub use management::Target;
pub use refusal::Refusal;
pub use session::LoginHeaders;
pub use settings::Settings;
pub use test_control::{ClockChange, ClockReading, ExpiredCount, NoSuchUser, Which};

use admins::{Admins, NewAdmin};
use clock::{Dial, TimeSource};
use ids::AdminId;
use instances::{InstanceTaken, Instances, NewInstance};
use jwt::Signer;
use lockout::Lockout;
use outbox::Outbox;
use pictures::Pictures;
use random::{RandomStream, Seed};
use time::Timestamp;
use tokens::Mint;
use users::Users;

/// A user service in memory.
pub struct UserService {
    time: Box<dyn TimeSource>,
    seed: Seed,
    signer: Signer,
    mint: Mint,
    state: Mutex<State>,
}

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

/// Everything that changes, behind one lock: a verb is one moment, so that nobody ever sees half of it.
///
/// Nothing slow happens inside: tokens are signed and opened outside, and passwords are hashed outside.
struct State {
    settings: Settings,
    clock: Dial,
    clock_at_start: Dial,
    /// Where everything random comes from that belongs to no instance.
    random: RandomStream,
    instances: Instances,
    users: Users,
    admins: Admins,
    outbox: Outbox,
    lockout: Lockout,
    pictures: Pictures,
}

impl UserService {
    /// A fresh service with the well-known identities.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Start { settings, seed, time, clock } = start;
        let clock = clock.map_or_else(Dial::default, Dial::frozen);
        let state = State {
            settings,
            clock,
            clock_at_start: clock,
            random: seed.stream(b"server"),
            instances: Instances::default(),
            users: Users::default(),
            admins: Admins::default(),
            outbox: Outbox::default(),
            lockout: Lockout::default(),
            pictures: Pictures::default(),
        };
        let service = Self {
            time,
            signer: Signer::new(&seed.secret("access token")),
            mint: Mint::new(&seed.secret("refresh token")),
            seed,
            state: Mutex::new(state),
        };
        for instance in NewInstance::well_known() {
            // Fresh, so nothing is taken.
            let _ = service.add_instance(instance);
        }
        let _ = service.add_admin(NewAdmin::well_known());
        service
    }

    /// Adds an instance.
    ///
    /// # Errors
    ///
    /// There already is one with that id or that invite code.
    pub fn add_instance(&self, new: NewInstance) -> Result<(), InstanceTaken> {
        self.state.lock().instances.add(new, &self.seed)
    }

    /// Adds an admin; `false`, and nothing happens, where the login is taken.
    #[must_use]
    pub fn add_admin(&self, new: NewAdmin) -> bool {
        let mut state = self.state.lock();
        let (id, birth) = (AdminId::from_random(state.random.bytes()), state.random.number());
        state.admins.add(new, id, birth)
    }

    /// What is set.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state.lock().settings.clone()
    }

    /// The time of the virtual clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let real = self.time.now();
        self.state.lock().clock.shows(real)
    }
}

impl fmt::Debug for UserService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserService(…)")
    }
}
