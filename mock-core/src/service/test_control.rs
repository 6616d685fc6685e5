//! What no real user service has: verbs with which a test moves time, kills tokens and makes worlds of its own.

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
use super::{State, UserService};

/// What to do with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Move it forward.
    Advance(Period),
    /// Make it show that time; it runs on from there, unless it is frozen.
    Set(Timestamp),
    /// Stop it at what it shows.
    Freeze,
    /// Back to what it was at the start: real time, unless the server was told otherwise.
    Reset,
}

/// What a clock shows, and what a change of it expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time.
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
    /// The tokens that were alive before the change and are not after it.
    pub expired: ExpiredCount,
}

/// How many tokens a change of the clock expired; of each user only the current pair counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpiredCount {
    /// Access tokens.
    pub access_tokens: usize,
    /// Refresh tokens.
    pub refresh_tokens: usize,
}

/// Which tokens of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every access token given out so far.
    Access,
    /// The refresh token.
    Refresh,
    /// Both.
    All,
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

    /// Whether there is such an instance.
    #[must_use]
    pub fn has_instance(&self, id: InstanceId) -> bool {
        self.read().instances.get(id).is_some()
    }

    /// The instance a token belongs to by now: that of its claim, or the one that an admin sees alone.
    #[must_use]
    pub fn home_of(&self, subject: &Subject) -> Option<InstanceId> {
        match subject {
            Subject::User { instance, .. } => Some(*instance).filter(|id| self.has_instance(*id)),
            Subject::Admin(admin) => self.read().admins.get(*admin)?.scope.home(),
        }
    }

    /// Whether a user's refresh token would buy a new pair now.
    #[must_use]
    pub fn has_good_refresh_token(&self, device_token: DeviceToken) -> bool {
        let real = self.time.now();
        let state = self.read();
        let Some(user) = state.users.get(device_token) else { return false };
        let now = state.now(Some(user.instance), real);
        user.credentials
            .family()
            .is_some_and(|family| family.death().is_none() && now < family.current().refresh_expires)
    }

    /// What a clock shows: an instance's, or the server's.
    ///
    /// # Errors
    ///
    /// There is no such instance.
    pub fn read_clock(&self, of: Option<InstanceId>) -> Result<ClockReading, NoSuchInstance> {
        let real = self.time.now();
        let state = self.read();
        Ok(ClockReading { now: state.now(of, real), frozen: state.is_frozen(of)?, expired: ExpiredCount::default() })
    }

    /// Changes the clock that issuing, expiry and timestamps obey: an instance's, or the server's.
    ///
    /// # Errors
    ///
    /// The clock would leave the years it can show; nothing was changed. An unknown instance changes nothing either: ask
    /// [`UserService::has_instance`] first.
    pub fn change_clock(&self, of: Option<InstanceId>, change: ClockChange) -> Result<ClockReading, TimeError> {
        let real = self.time.now();
        let mut state = self.write();
        let before: Vec<_> =
            state.instances.iter().map(|instance| (instance.id, state.now(Some(instance.id), real))).collect();
        let server = state.clock;
        match of {
            None => match change {
                ClockChange::Advance(period) => state.clock.try_advance(real, period)?,
                ClockChange::Set(then) => state.clock.set(real, then),
                ClockChange::Freeze => state.clock.freeze(real),
                ClockChange::Reset => state.clock = state.clock_at_start,
            },
            Some(id) => {
                if let Some(instance) = state.instances.get_mut(id) {
                    match change {
                        ClockChange::Advance(period) => instance.clock.try_advance(&server, real, period)?,
                        ClockChange::Set(then) => instance.clock.set(&server, real, then),
                        ClockChange::Freeze => instance.clock.freeze(&server, real),
                        ClockChange::Reset => instance.clock = InstanceDial::default(),
                    }
                }
            }
        }
        let expired = before.into_iter().fold(ExpiredCount::default(), |sum, (id, before)| {
            let count = state.expired_between(id, before, state.now(Some(id), real));
            ExpiredCount {
                access_tokens: sum.access_tokens + count.access_tokens,
                refresh_tokens: sum.refresh_tokens + count.refresh_tokens,
            }
        });
        Ok(ClockReading { now: state.now(of, real), frozen: state.is_frozen(of).unwrap_or_default(), expired })
    }

    /// Changes what is set: for an instance, or for the server as a whole.
    ///
    /// # Errors
    ///
    /// There is no such instance.
    pub fn change_settings(&self, of: Option<InstanceId>, change: Overrides) -> Result<Settings, NoSuchInstance> {
        let mut state = self.write();
        match of {
            None => state.settings = state.settings.with(&change),
            Some(id) => {
                let instance = state.instances.get_mut(id).ok_or(NoSuchInstance)?;
                instance.overrides = instance.overrides.under(change);
            }
        }
        Ok(state.settings_of(of))
    }

    /// Expires tokens of a user now.
    ///
    /// # Errors
    ///
    /// There is no such user, or none in that instance.
    pub fn expire_tokens(
        &self,
        of: Option<InstanceId>,
        device_token: DeviceToken,
        which: Which,
    ) -> Result<(), NoSuchUser> {
        let real = self.time.now();
        let mut state = self.write();
        let home = state.users.get(device_token).map(|user| user.instance).ok_or(NoSuchUser)?;
        if of.is_some_and(|of| of != home) {
            return Err(NoSuchUser);
        }
        let at = state.now(Some(home), real);
        let user = state.users.get_mut(device_token).ok_or(NoSuchUser)?;
        if matches!(which, Which::Access | Which::All) {
            user.credentials.expire_access_tokens();
        }
        if matches!(which, Which::Refresh | Which::All) {
            user.credentials.expire_refresh_token(End { at, by: 0 });
        }
        Ok(())
    }

    /// The refresh tokens of a user, as a tree.
    ///
    /// # Errors
    ///
    /// There is no such user, or none in that instance.
    pub fn view_tokens(&self, of: Option<InstanceId>, device_token: DeviceToken) -> Result<TokensView, NoSuchUser> {
        let real = self.time.now();
        let state = self.read();
        let user = state.users.get(device_token).filter(|user| of.is_none_or(|of| of == user.instance));
        let user = user.ok_or(NoSuchUser)?;
        let now = state.now(Some(user.instance), real);
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

    /// The messages to that address, or to all, of an instance or of the server, the newest first.
    #[must_use]
    pub fn outbox(&self, of: Option<InstanceId>, to: Option<&str>) -> Vec<Message> {
        let state = self.read();
        let instances = state.instances.iter().filter(|instance| of.is_none_or(|of| of == instance.id));
        let mut messages: Vec<_> = instances.flat_map(|instance| instance.outbox.to(to)).collect();
        // Stable: those of one moment and one instance stay the newest first.
        messages.sort_by_key(|message| std::cmp::Reverse(message.at));
        messages
    }

    /// Forgets the messages of an instance, or of the server.
    pub fn clear_outbox(&self, of: Option<InstanceId>) {
        let mut state = self.write();
        for instance in state.instances.iter_mut().filter(|instance| of.is_none_or(|of| of == instance.id)) {
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
    fn is_frozen(&self, of: Option<InstanceId>) -> Result<bool, NoSuchInstance> {
        match of {
            None => Ok(self.clock.is_frozen()),
            Some(id) => {
                self.instances.get(id).map(|instance| instance.clock.is_frozen(&self.clock)).ok_or(NoSuchInstance)
            }
        }
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
