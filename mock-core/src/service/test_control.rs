//! The verbs for tests, which no real user service has: clocks, expiry of tokens and settings.

use std::collections::HashMap;
use std::ops::AddAssign;

use serde::Deserialize;

use super::UserService;
use super::clocks::{ClockChange, ClockReading};
use super::ids::{DeviceToken, InstanceId};
use super::instances::Instance;
use super::occasion::Occasion;
use super::scope::Scope;
use super::settings::{InvalidSettings, Overrides, Settings};
use super::slab::SlabView;
use super::time::{TimeError, Timestamp};
use super::token_views::{GenerationState, GenerationView, TokensView};
use super::users::User;

/// The effect of a [`ClockChange`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedClock {
    /// The clock that was changed, after the change.
    pub reading: ClockReading,
    /// The tokens that expired because time moved.
    pub expired: ExpiredCount,
    /// The clocks of the instances whose time or freezing changed, after the change.
    pub instances: HashMap<InstanceId, ClockReading>,
}

/// The number of tokens that a change of the clock expired. Only the current pair of each user counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpiredCount {
    /// Access tokens.
    pub access_tokens: usize,
    /// Refresh tokens.
    pub refresh_tokens: usize,
}

/// The tokens of a user that a test wants to expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Every access token issued so far.
    Access,
    /// The refresh token.
    Refresh,
    /// Both.
    All,
}

impl AddAssign for ExpiredCount {
    fn add_assign(&mut self, other: Self) {
        self.access_tokens += other.access_tokens;
        self.refresh_tokens += other.refresh_tokens;
    }
}

/// No user has this device token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("No user has this device token.")]
pub struct NoSuchUser;

/// No instance has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("No instance has this id.")]
pub struct NoSuchInstance;

impl UserService {
    /// Whether a refresh with the user's current refresh token would succeed.
    #[must_use]
    pub fn has_valid_refresh_token(&self, device_token: DeviceToken) -> bool {
        let real = self.time.now();
        let state = self.read();
        let Some(user) = state.users.get(device_token) else { return false };
        let now = state.now(user.instance.into(), real);
        let family = user.credentials.family();
        family.is_some_and(|family| GenerationView::current(family, now).state == GenerationState::Live)
    }

    /// Reads the clock of a scope. Does not wait for the state.
    #[must_use]
    pub fn read_clock(&self, scope: Scope) -> ClockReading {
        let real = self.time.now();
        self.published.read().clocks.read(scope, real)
    }

    /// Reads the clocks of the instances of a scope.
    #[must_use]
    pub fn read_instance_clocks(&self, scope: Scope) -> HashMap<InstanceId, ClockReading> {
        let real = self.time.now();
        let state = self.read();
        let ids = state.instances.iter().map(Instance::id).filter(|id| scope.covers((*id).into()));
        ids.map(|id| (id, state.clocks.read(id.into(), real))).collect()
    }

    /// Changes the clock that issuing, expiry and timestamps use. A change of the server's clock also moves the clock of every
    /// instance that has not been set itself. Counting the expired tokens takes about a tenth of a second for a million users, and
    /// other requests do not wait for it.
    ///
    /// # Errors
    ///
    /// The clock would pass the year 9999; nothing was changed.
    pub fn change_clock(&self, scope: Scope, change: ClockChange) -> Result<ChangedClock, TimeError> {
        let real = self.time.now();
        let mut changed = ChangedClock {
            reading: ClockReading { now: real, frozen: false },
            expired: ExpiredCount::default(),
            instances: HashMap::new(),
        };
        let mut moved = Vec::new();
        {
            let mut state = self.write();
            let (before, start) = (state.clocks.clone(), state.clock_at_start);
            state.clocks.change(scope, change, start, real)?;
            self.publish(&state);
            changed.reading = state.clocks.read(scope, real);
            for id in state.instances.iter().map(Instance::id).filter(|id| scope.covers((*id).into())) {
                let (earlier, later) = (before.read(id.into(), real), state.clocks.read(id.into(), real));
                if earlier != later {
                    changed.instances.insert(id, later);
                }
                if earlier.now < later.now
                    && let Some(users) = state.users.view(id)
                {
                    moved.push((users, earlier.now, later.now));
                }
            }
        }
        for (users, earlier, later) in moved {
            changed.expired += expired_between(&users, earlier, later);
        }
        Ok(changed)
    }

    /// Changes the settings of a scope, and returns the settings that are in force afterwards. The settings of an instance win over
    /// those of the server.
    ///
    /// # Errors
    ///
    /// The change is invalid; nothing was changed.
    pub fn change_settings(&self, scope: Scope, change: Overrides) -> Result<Settings, InvalidSettings> {
        let mut state = self.write();
        let change = change.checked(state.settings_of(scope).rotation)?;
        match scope {
            Scope::Server => state.settings = state.settings.with(&change),
            Scope::Instance(id) => {
                if let Some(instance) = state.instances.get_mut(id) {
                    instance.overrides = instance.overrides.under(change);
                }
            }
        }
        Ok(state.settings_of(scope))
    }

    /// Expires tokens of a user now, and returns the user's instance.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn expire_tokens(
        &self,
        scope: Scope,
        device_token: DeviceToken,
        kind: TokenKind,
    ) -> Result<InstanceId, NoSuchUser> {
        let real = self.time.now();
        let mut state = self.write();
        let address = state.users.locate(device_token).ok_or(NoSuchUser)?;
        let instance = state.users.at(address).ok_or(NoSuchUser)?.instance;
        if !scope.covers(instance.into()) {
            return Err(NoSuchUser);
        }
        let at = state.now(instance.into(), real);
        let credentials = state.users.credentials_at(address).ok_or(NoSuchUser)?;
        if matches!(kind, TokenKind::Access | TokenKind::All) {
            credentials.expire_access_tokens();
        }
        if matches!(kind, TokenKind::Refresh | TokenKind::All) {
            credentials.expire_refresh_token(Occasion { at, request: None });
        }
        Ok(instance)
    }

    /// The refresh tokens of a user, as a tree.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn view_tokens(&self, scope: Scope, device_token: DeviceToken) -> Result<TokensView, NoSuchUser> {
        let real = self.time.now();
        let state = self.read();
        let user = state.users.get(device_token).filter(|user| scope.covers(user.instance.into()));
        let user = user.ok_or(NoSuchUser)?;
        let now = state.now(user.instance.into(), real);
        let mut generations = Vec::new();
        if let Some(family) = user.credentials.family() {
            generations.extend(family.retired().map(GenerationView::retired));
            generations.push(GenerationView::current(family, now));
        }
        Ok(TokensView { instance: user.instance, generations })
    }
}

/// The number of tokens that expire after `earlier` and not after `later`.
fn expired_between(users: &SlabView<User>, earlier: Timestamp, later: Timestamp) -> ExpiredCount {
    let expired = |at: Timestamp| earlier < at && at <= later;
    let mut count = ExpiredCount::default();
    for family in users.iter().filter_map(|user| user.credentials.family()) {
        let pair = family.current();
        let refresh = expired(pair.refresh_expires) && family.revocation().is_none();
        count += ExpiredCount {
            access_tokens: usize::from(expired(pair.access_expires)),
            refresh_tokens: usize::from(refresh),
        };
    }
    count
}
