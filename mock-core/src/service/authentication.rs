//! Who asks: proven by an access token, or by a device token in the headers while that still counts.

use telematics_contract::Secret;

use super::ids::{AdminId, DeviceToken, InstanceId, InstanceKey};
use super::instances::InstanceHeaders;
use super::jwt::{OpenedToken, Subject};
use super::refusal::{AccessTokenFault, Refusal};
use super::time::Timestamp;
use super::users::{Barred, User};
use super::{State, UserService};

/// What a request presents, as it came.
#[derive(Default)]
pub struct Presented {
    /// The access token of `Authorization`; where that header is there, it decides alone.
    pub access_token: Option<Secret>,
    /// The same token, if somebody has opened it already.
    pub opened: Option<OpenedToken>,
    /// The header `DeviceToken` of the legacy authentication \[S\].
    pub device_token: Option<String>,
    /// The headers `InstanceId` and `InstanceKey`.
    pub instance: InstanceHeaders,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user.
    User(UserCaller),
    /// An admin.
    Admin(AdminCaller),
}

/// A user who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserCaller {
    /// The user.
    pub device_token: DeviceToken,
}

/// An admin who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminCaller {
    /// The admin.
    pub id: AdminId,
}

/// Who asks, and how it was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub caller: Caller,
    /// That it was proven the old way.
    pub legacy: Option<Legacy>,
}

/// A proof by device token in the headers: it works, but will not for ever \[S\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legacy {
    /// Since when it is deprecated.
    pub deprecated: Timestamp,
    /// When it ends, if that is known.
    pub sunset: Option<Timestamp>,
}

/// Since when the device token is deprecated as authentication: the end of the old platform that the specification names \[S\].
const DEPRECATED_SINCE: Timestamp = Timestamp::from_seconds(1_635_724_800);

impl UserService {
    /// Finds out who asks \[S\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: nothing that proves anything now. [`Refusal::Deactivated`].
    pub fn authenticate(&self, presented: &Presented) -> Result<Authenticated, Refusal> {
        match (&presented.access_token, &presented.device_token) {
            (Some(token), _) => {
                let opened = presented.opened.or_else(|| self.open(token.expose()));
                let caller = self.judge(opened.ok_or(Refusal::AccessToken(AccessTokenFault::Malformed))?)?;
                Ok(Authenticated { caller, legacy: None })
            }
            (None, Some(device_token)) => self.legacy(device_token, &presented.instance),
            (None, None) => Err(Refusal::AccessToken(AccessTokenFault::Missing)),
        }
    }

    fn judge(&self, token: OpenedToken) -> Result<Caller, Refusal> {
        let gone = Refusal::AccessToken(AccessTokenFault::UserGone);
        let real = self.time.now();
        let state = self.read();
        if token.world != state.keys.world {
            return Err(Refusal::AccessToken(AccessTokenFault::Malformed));
        }
        match token.subject {
            Subject::User { device_token, instance } => {
                let user = state.users.get_near(instance, device_token).ok_or(gone)?;
                let skew = state.settings_of(user.instance.into()).clock_skew;
                let now = state.now(user.instance.into(), real);
                let judged = user.credentials.judge(token.id, token.expires.plus(skew), now);
                judged.map_err(Refusal::AccessToken)?;
                admitted(user).map(Caller::User)
            }
            Subject::Admin(id) => {
                let admin = state.admins.get(id).ok_or(gone)?;
                let (home, expires) = (admin.scope.home(), token.expires);
                let expires = expires.plus(state.settings_of(home).clock_skew);
                let judged = admin.credentials.judge(token.id, expires, state.now(home, real));
                judged.map_err(Refusal::AccessToken)?;
                Ok(Caller::Admin(AdminCaller { id }))
            }
        }
    }

    fn legacy(&self, device_token: &str, headers: &InstanceHeaders) -> Result<Authenticated, Refusal> {
        let wrong = || Refusal::AccessToken(AccessTokenFault::WrongDeviceToken);
        let device_token: DeviceToken = device_token.parse().map_err(|_| wrong())?;
        let id: InstanceId = headers.id.as_ref().and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
        let key: InstanceKey = headers.key.as_ref().and_then(|key| key.parse().ok()).ok_or_else(wrong)?;
        let real = self.time.now();
        let state = self.read();
        let sunset = state.settings_of(id.into()).device_token_sunset;
        if sunset.is_some_and(|sunset| state.now(id.into(), real) >= sunset) {
            return Err(Refusal::AccessToken(AccessTokenFault::DeviceTokenSunset));
        }
        let known = state.instances.get(id).is_some_and(|instance| instance.key.is(&key));
        let user =
            state.users.get_near(id, device_token).filter(|user| known && user.instance == id).ok_or_else(wrong)?;
        let caller = admitted(user).map(Caller::User)?;
        Ok(Authenticated { caller, legacy: Some(Legacy { deprecated: DEPRECATED_SINCE, sunset }) })
    }
}

fn admitted(user: &User) -> Result<UserCaller, Refusal> {
    match user.barred() {
        None => Ok(UserCaller { device_token: user.device_token }),
        Some(Barred::Deactivated) => Err(Refusal::Deactivated),
        Some(Barred::Deleted) => Err(Refusal::AccessToken(AccessTokenFault::UserGone)),
    }
}

impl State {
    /// A user who asked a moment ago, and may have been deleted since.
    pub(super) fn caller(&self, caller: UserCaller) -> Result<&User, Refusal> {
        self.users.get(caller.device_token).ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))
    }
}
