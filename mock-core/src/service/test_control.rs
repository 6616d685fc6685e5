//! What no real user service has: verbs with which a test moves time, kills tokens and makes worlds of its own.

use std::collections::HashMap;
use std::ops::AddAssign;

use serde::Deserialize;
use telematics_contract::Secret;

use super::admins::{AdminScope, NewAdmin};
use super::clock::InstanceDial;
use super::ids::{DeviceToken, InstanceId, InstanceKey};
use super::instances::{Home, Instance, NewInstance};
use super::jwt::Subject;
use super::outbox::Message;
use super::passwords;
use super::settings::{Overrides, Settings};
use super::time::{Period, TimeError, Timestamp};
use super::tokens::{Death, End, Past, PastReason, Place};
use super::{Scope, State, UserService};

/// What to do with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Move it forward.
    Advance(Period),
    /// Make it show that time; it runs on from there, unless it is frozen.
    Set(Timestamp),
    /// Stop it at what it shows.
    Freeze,
    /// Set it back to the start: real time, or the time that the configuration sets.
    Reset,
}

/// The time that a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time.
    pub now: Timestamp,
    /// Whether the clock stands still.
    pub frozen: bool,
}

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

/// How many tokens a change of the clock expired; of each user only the current pair counts.
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
    /// Every access token given out so far.
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
#[error("no user has this device token")]
pub struct NoSuchUser;

/// No instance has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no instance has this id")]
pub struct NoSuchInstance;

/// The refresh tokens of a user, as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokensView {
    /// The user's instance.
    pub instance: InstanceId,
    /// The generations that are remembered, the oldest first; the last one is the current one.
    pub generations: Vec<GenerationView>,
}

/// A generation of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationView {
    /// Which one.
    pub place: Place,
    /// The generation it was bought with; the first of a family has none.
    pub parent: Option<Place>,
    /// What it is worth: `live`, `used`, `superseded`, `revoked` or `expired`.
    pub state: &'static str,
    /// When and by which request it died.
    pub end: Option<End>,
    /// When it expires by itself; known of the current one.
    pub expires: Option<Timestamp>,
}

/// What is given out about a fresh instance.
#[derive(Clone, Debug)]
pub struct CreatedInstance {
    /// The instance.
    pub instance: NewInstance,
    /// The login of its admin.
    pub admin_email: String,
    /// The password of its admin.
    pub admin_password: Secret,
}

impl UserService {
    /// Makes a fresh instance with an admin who sees only it.
    #[must_use]
    pub fn create_instance(&self, name: Option<String>, has_ubi: bool, overrides: Overrides) -> CreatedInstance {
        let mut state = self.write();
        let id = InstanceId::from_random(state.random.bytes());
        let letters = |state: &mut State| passwords::generated(state.random.bytes());
        let code = letters(&mut state).expose().to_uppercase();
        let new = NewInstance {
            id,
            key: InstanceKey::from_random(state.random.bytes()),
            invite_code: code.into(),
            name: name.unwrap_or_else(|| format!("Instance {id}")).into(),
            has_ubi,
            home: Home::demo(),
        };
        let mut instance = Instance::new(new.clone(), &state.keys.seed);
        instance.overrides = overrides;
        state.instances.replace(instance);
        let (admin_email, admin_password) = (format!("admin@{id}.example"), letters(&mut state));
        drop(state);
        let scope = AdminScope::Instances(vec![id]);
        // The address holds a fresh id, so it cannot be taken.
        let _ = self.add_admin(NewAdmin { email: admin_email.clone(), password: admin_password.clone(), scope });
        CreatedInstance { instance: new, admin_email, admin_password }
    }

    /// The instance a token belongs to by now: that of its claim, or the one that an admin sees alone.
    #[must_use]
    pub fn home_of(&self, subject: &Subject) -> Option<InstanceId> {
        match subject {
            Subject::User { instance, .. } => Some(*instance).filter(|id| self.scope(*id).is_ok()),
            Subject::Admin(admin) => self.read().admins.get(*admin)?.scope.home().instance(),
        }
    }

    /// Whether a user's refresh token would buy a new pair now.
    #[must_use]
    pub fn has_good_refresh_token(&self, device_token: DeviceToken) -> bool {
        let real = self.time.now();
        let state = self.read();
        let Some(user) = state.users.get(device_token) else { return false };
        let now = state.now(user.instance.into(), real);
        user.credentials
            .family()
            .is_some_and(|family| family.death().is_none() && now < family.current().refresh_expires)
    }

    /// Reads the clock of a scope.
    #[must_use]
    pub fn read_clock(&self, scope: Scope) -> ClockReading {
        let real = self.time.now();
        self.read().clock_reading(scope, real)
    }

    /// Changes the clock that issuing, expiry and timestamps obey. A change of the server's clock also moves the clock of
    /// every instance that has not been set for itself.
    ///
    /// # Errors
    ///
    /// The clock would leave the years it can show; nothing was changed.
    pub fn change_clock(&self, scope: Scope, change: ClockChange) -> Result<ChangedClock, TimeError> {
        let real = self.time.now();
        let mut state = self.write();
        let before: Vec<_> = state
            .instances
            .iter()
            .map(|instance| (instance.id, state.clock_reading(instance.id.into(), real)))
            .collect();
        state.turn_clock(scope, change, real)?;
        let mut changed = ChangedClock {
            reading: state.clock_reading(scope, real),
            expired: ExpiredCount::default(),
            instances: HashMap::new(),
        };
        for (id, before) in before {
            let after = state.clock_reading(id.into(), real);
            if after != before {
                changed.expired += state.expired_between(id, before.now, after.now);
                changed.instances.insert(id, after);
            }
        }
        Ok(changed)
    }

    /// Changes the settings of a scope, and returns those that are in force afterwards. An instance keeps its own settings
    /// over the server's.
    #[must_use]
    pub fn change_settings(&self, scope: Scope, change: Overrides) -> Settings {
        let mut state = self.write();
        match scope {
            Scope::Server => state.settings = state.settings.with(&change),
            Scope::Instance(id) => {
                if let Some(instance) = state.instances.get_mut(id) {
                    instance.overrides = instance.overrides.under(change);
                }
            }
        }
        state.settings_of(scope)
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
        let home = state.users.get(device_token).map(|user| user.instance).ok_or(NoSuchUser)?;
        if !scope.covers(home.into()) {
            return Err(NoSuchUser);
        }
        let at = state.now(home.into(), real);
        let user = state.users.get_mut(device_token).ok_or(NoSuchUser)?;
        if matches!(kind, TokenKind::Access | TokenKind::All) {
            user.credentials.expire_access_tokens();
        }
        if matches!(kind, TokenKind::Refresh | TokenKind::All) {
            user.credentials.expire_refresh_token(End { at, by: 0 });
        }
        Ok(home)
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
            generations.extend(family.past().map(|past| {
                let Past { place, parent, reason, end } = *past;
                let state = match reason {
                    PastReason::Used => "used",
                    PastReason::Superseded => "superseded",
                    PastReason::Died(death) => died(death),
                };
                GenerationView { place, parent, state, end: Some(end), expires: None }
            }));
            let pair = family.current();
            let (state, end) = match family.death() {
                Some((death, end)) => (died(death), Some(end)),
                None if now >= pair.refresh_expires => ("expired", None),
                None => ("live", None),
            };
            let expires = Some(pair.refresh_expires);
            generations.push(GenerationView { place: pair.place, parent: family.parent(), state, end, expires });
        }
        Ok(TokensView { instance: user.instance, generations })
    }

    /// The messages of a scope, the newest first; with `to`, only those to that address.
    #[must_use]
    pub fn outbox(&self, scope: Scope, to: Option<&str>) -> Vec<Message> {
        let state = self.read();
        let instances = state.instances.iter().filter(|instance| scope.covers(instance.id.into()));
        let mut messages: Vec<_> = instances.flat_map(|instance| instance.outbox.to(to)).collect();
        // The sort is stable, so messages of one instance and one moment keep their order.
        messages.sort_by_key(|message| std::cmp::Reverse(message.at));
        messages
    }

    /// Deletes the messages of a scope.
    pub fn clear_outbox(&self, scope: Scope) {
        let mut state = self.write();
        for instance in state.instances.iter_mut().filter(|instance| scope.covers(instance.id.into())) {
            instance.outbox.clear();
        }
    }
}

const fn died(death: Death) -> &'static str {
    match death {
        Death::Reuse => "revoked",
        Death::ExpiredOnRequest => "expired",
    }
}

impl State {
    /// The clock of a scope; the server's, if the scope is an instance that was removed meanwhile.
    fn clock_reading(&self, scope: Scope, real: Timestamp) -> ClockReading {
        let instance = scope.instance().and_then(|id| self.instances.get(id));
        let frozen = instance.map_or_else(|| self.clock.is_frozen(), |instance| instance.clock.is_frozen(&self.clock));
        ClockReading { now: self.now(scope, real), frozen }
    }

    fn turn_clock(&mut self, scope: Scope, change: ClockChange, real: Timestamp) -> Result<(), TimeError> {
        let server = self.clock;
        match scope {
            Scope::Server => match change {
                ClockChange::Advance(period) => self.clock.try_advance(real, period)?,
                ClockChange::Set(then) => self.clock.set(real, then),
                ClockChange::Freeze => self.clock.freeze(real),
                ClockChange::Reset => self.clock = self.clock_at_start,
            },
            Scope::Instance(id) => {
                let Some(instance) = self.instances.get_mut(id) else { return Ok(()) };
                match change {
                    ClockChange::Advance(period) => instance.clock.try_advance(&server, real, period)?,
                    ClockChange::Set(then) => instance.clock.set(&server, real, then),
                    ClockChange::Freeze => instance.clock.freeze(&server, real),
                    ClockChange::Reset => instance.clock = InstanceDial::default(),
                }
            }
        }
        Ok(())
    }

    fn expired_between(&self, instance: InstanceId, before: Timestamp, now: Timestamp) -> ExpiredCount {
        if now <= before {
            return ExpiredCount::default();
        }
        let died = |at: Timestamp| before < at && at <= now;
        let families = self.users.of(instance).filter_map(|user| user.credentials.family());
        families.fold(ExpiredCount::default(), |count, family| {
            let pair = family.current();
            let refresh = died(pair.refresh_expires) && family.death().is_none();
            ExpiredCount {
                access_tokens: count.access_tokens + usize::from(died(pair.access_expires)),
                refresh_tokens: count.refresh_tokens + usize::from(refresh),
            }
        })
    }
}
