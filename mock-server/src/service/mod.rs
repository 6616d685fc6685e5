//! The user service without HTTP: what decides.
//!
//! [`UserService`] is one struct with one verb for each thing that happens, and only these verbs touch state. They take
//! what was asked and answer what the contract says, or a [`Refusal`]. Time and randomness are passed in.

mod authentication;
pub mod clock;
pub mod ids;
pub mod instances;
pub mod jwt;
mod mac;
mod profile;
pub mod random;
mod records;
pub mod refusal;
mod registration;
pub mod settings;
mod test_control;
pub mod time;
pub mod tokens;
mod users;

use std::collections::HashMap;
use std::fmt;

use parking_lot::Mutex;
use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, TokensResponse};

pub use authentication::{Caller, LoginHeaders};
pub use instances::InstanceHeaders;
pub use refusal::Refusal;
pub use settings::Settings;
pub use test_control::{ClockChange, ClockReading, ExpiredCount, NoSuchUser, Which};

use clock::{Dial, TimeSource};
use ids::DeviceToken;
use instances::{Instance, Instances};
use jwt::{AccessClaims, SdkClaims, Signer, TokenId};
use random::Seed;
use time::Timestamp;
use tokens::{Mint, Owner, Pair};
use users::User;

/// A user service in memory.
pub struct UserService {
    time: Box<dyn TimeSource>,
    signer: Signer,
    mint: Mint,
    state: Mutex<State>,
}

/// Everything that changes, behind one lock: a verb is one moment, so that nobody ever sees half of it.
///
/// Nothing slow happens inside: tokens are signed and opened outside.
struct State {
    settings: Settings,
    clock: Dial,
    instances: Instances,
    users: HashMap<DeviceToken, User>,
}

impl UserService {
    /// A fresh service with the well-known identities.
    #[must_use]
    pub fn new(settings: Settings, seed: &Seed, time: Box<dyn TimeSource>) -> Self {
        Self {
            time,
            signer: Signer::new(&seed.secret("access token")),
            mint: Mint::new(&seed.secret("refresh token")),
            state: Mutex::new(State {
                settings,
                clock: Dial::default(),
                instances: Instances::demo(seed),
                users: HashMap::new(),
            }),
        }
    }

    /// What is set.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state.lock().settings.clone()
    }

    /// The time of the virtual clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.state.lock().clock.shows(self.time.now())
    }

    /// Signs what was decided under the lock.
    fn sign(&self, issue: Issue) -> TokensResponse {
        let Issue { owner, tokens } = issue;
        let device_token = Some(owner.device_token.to_string());
        let Some(Grant { pair, expires_in, claims, sdk }) = tokens else {
            return TokensResponse { device_token, access_token: None, refresh_token: None };
        };
        TokensResponse {
            device_token,
            access_token: Some(AccessToken { token: Secret::new(self.signer.sign(&claims, &sdk)), expires_in }),
            refresh_token: Some(Secret::new(self.mint.token(owner, pair.place))),
        }
    }
}

impl fmt::Debug for UserService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserService(…)")
    }
}

/// What is to be given to a user, decided but not yet signed.
struct Issue {
    owner: Owner,
    tokens: Option<Grant>,
}

/// A pair of tokens to be signed.
struct Grant {
    pair: Pair,
    expires_in: u32,
    claims: AccessClaims,
    sdk: SdkClaims,
}

impl Grant {
    /// Writes down everything that goes into the tokens; `expires_in` is in seconds.
    fn new(user: &User, instance: &Instance, pair: Pair, expires_in: u32) -> Self {
        Self {
            pair,
            expires_in,
            claims: AccessClaims {
                device_token: user.device_token,
                id: TokenId { birth: user.birth, number: pair.access_number },
                issued: pair.issued,
                expires: pair.access_expires,
                instance: instance.id,
            },
            sdk: SdkClaims {
                application: instance.application,
                company: instance.company,
                enable_tracking: user.telematics.enable_tracking,
                enable_logging: user.telematics.enable_logging,
                enable_real_time_location: user.telematics.enable_real_time_location,
                client_id: user.telematics.client_id.clone(),
                refresh_token_expires: pair.refresh_expires,
            },
        }
    }
}
