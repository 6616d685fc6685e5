//! The state of a service, behind one lock.

use std::sync::Arc;

use super::admins::{AdminTaken, Admins, NewAdmin};
use super::clock::Dial;
use super::clocks::Clocks;
use super::ids::{AdminId, InstanceId};
use super::instances::Instances;
use super::jwt::{KeyEpoch, OpenedToken, Signer, Subject};
use super::lockout::Lockout;
use super::random::{RandomStream, Seed};
use super::refresh_token::Mint;
use super::scope::Scope;
use super::settings::Settings;
use super::time::Timestamp;
use super::user_store::Users;

/// Called for each message to a user, with the instance and the address. It is called under the lock, so it must be quick and must
/// not call the service.
pub type MessageListener = Arc<dyn Fn(InstanceId, &str) + Send + Sync>;

/// The purpose of the secret that signs access tokens.
pub(super) const ACCESS_TOKEN_PURPOSE: &str = "access token";

/// The keys that make tokens and recognise them.
pub(super) struct Keys {
    pub(super) seed: Seed,
    pub(super) epoch: KeyEpoch,
    pub(super) signer: Signer,
    pub(super) mint: Mint,
}

impl Keys {
    pub(super) fn new(seed: Seed) -> Self {
        // The purposes are part of every seeded run, so they never change.
        let [a, b, c, d, e, f, g, h, ..] = seed.secret("world");
        let epoch = KeyEpoch(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        Self {
            epoch,
            signer: Signer::new(&seed.secret(ACCESS_TOKEN_PURPOSE), epoch),
            mint: Mint::new(&seed.secret("refresh token")),
            seed,
        }
    }
}

/// Everything that changes, behind one lock: a verb reads and changes it atomically, so no reader ever sees half of a change.
///
/// Nothing slow happens under the lock. Tokens are signed and opened, passwords are hashed, and users are filtered and sorted outside
/// it.
pub(super) struct State {
    pub(super) keys: Arc<Keys>,
    pub(super) settings: Settings,
    pub(super) clocks: Clocks,
    pub(super) clock_at_start: Dial,
    /// The source of the random values that belong to no instance.
    pub(super) random: RandomStream,
    pub(super) instances: Instances,
    pub(super) users: Users,
    pub(super) admins: Admins,
    pub(super) lockout: Lockout,
    pub(super) listener: Option<MessageListener>,
    /// The number of changes so far.
    pub(super) revision: u64,
}

impl State {
    /// A state without instances, users and admins.
    pub(super) fn new(settings: Settings, seed: Seed, clock: Dial) -> Self {
        let keys = Arc::new(Keys::new(seed));
        Self {
            random: keys.seed.stream(b"server"),
            settings,
            clocks: Clocks::new(clock),
            clock_at_start: clock,
            instances: Instances::default(),
            users: Users::default(),
            admins: Admins::default(),
            lockout: Lockout::default(),
            listener: None,
            revision: 0,
            keys,
        }
    }

    pub(super) fn settings_of(&self, scope: Scope) -> Settings {
        let overrides = scope.instance().and_then(|id| self.instances.get(id)).map(|instance| &instance.overrides);
        overrides.map_or(self.settings, |overrides| self.settings.with(overrides))
    }

    pub(super) fn now(&self, scope: Scope, real: Timestamp) -> Timestamp {
        self.clocks.now(scope, real)
    }

    pub(super) fn add_admin(&mut self, new: NewAdmin) -> Result<(), AdminTaken> {
        let (id, incarnation) = (AdminId::from_random(self.random.bytes()), self.random.portable_number());
        self.admins.add(new, id, incarnation)
    }

    pub(super) fn identify(
        &self,
        token: Option<&OpenedToken>,
        instance_header: Option<InstanceId>,
        invite_code: Option<&str>,
    ) -> Scope {
        let exists = |id: &InstanceId| self.instances.get(*id).is_some();
        let of_token = token.and_then(|token| match token.subject {
            Subject::User { instance, .. } => Some(instance).filter(exists),
            Subject::Admin(admin) => self.admins.get(admin)?.scope.home().instance(),
        });
        let instance = of_token
            .or_else(|| instance_header.filter(exists))
            .or_else(|| self.instances.by_invite_code(invite_code?).ok());
        instance.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::DeviceToken;
    use crate::service::instances::{DEMO_INSTANCE, Instance, NewInstance, UBI_INSTANCE};
    use crate::service::jwt::TokenId;

    #[test]
    fn the_token_decides_before_the_header_and_the_header_before_the_invite_code() {
        let mut state = State::new(Settings::default(), Seed::from_number(1), Dial::default());
        for new in NewInstance::well_known() {
            state.instances.add(Instance::new(new.into(), &Seed::from_number(1))).unwrap();
        }
        let unknown = InstanceId::from_u128(9);
        let token = |instance| OpenedToken {
            subject: Subject::User { device_token: DeviceToken::from_u128(1), instance },
            id: TokenId { incarnation: 1, number: 1 },
            issued: Timestamp::EPOCH,
            expires: Timestamp::EPOCH,
            epoch: KeyEpoch(1),
        };
        let (demo, ubi) = (Scope::Instance(DEMO_INSTANCE), Scope::Instance(UBI_INSTANCE));
        let (known, gone) = (token(UBI_INSTANCE), token(unknown));
        assert_eq!(state.identify(Some(&known), Some(DEMO_INSTANCE), Some("DEMO01")), ubi);
        assert_eq!(state.identify(Some(&gone), Some(DEMO_INSTANCE), Some("UBI001")), demo);
        assert_eq!(state.identify(Some(&gone), Some(unknown), Some("UBI001")), ubi);
        assert_eq!(state.identify(None, None, Some("NOBODY")), Scope::Server);
        assert_eq!(state.identify(None, None, None), Scope::Server);
    }
}
