//! Authentication: by an access token, or by a device token in the headers while the server still accepts that.

use std::sync::Arc;

use telematics_contract::Secret;

use super::UserService;
use super::ids::{AdminId, DeviceToken, InstanceId, InstanceKey};
use super::instances::InstanceHeaders;
use super::jwt::{OpenedToken, Subject};
use super::refusal::{AccessTokenFault, Refusal};
use super::state::State;
use super::time::Timestamp;
use super::users::{Barred, User};

/// The credentials of a request, as they were sent.
#[derive(Default)]
pub struct PresentedCredentials {
    /// The access token of the header `Authorization`. If it is present, nothing else is considered.
    pub access_token: Option<Secret>,
    /// The same token, if the caller has already opened it.
    pub opened: Option<OpenedToken>,
    /// The header `DeviceToken` of the legacy authentication \[S\].
    pub device_token: Option<String>,
    /// The headers `InstanceId` and `InstanceKey`.
    pub instance: InstanceHeaders,
}

/// The authenticated sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user.
    User(UserCaller),
    /// An admin.
    Admin(AdminCaller),
}

/// An authenticated user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserCaller {
    /// The user.
    pub device_token: DeviceToken,
}

/// An authenticated admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminCaller {
    /// The admin.
    pub id: AdminId,
}

/// The authenticated sender of a request, and the method of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The sender.
    pub caller: Caller,
    /// The legacy method, if the request used it.
    pub legacy: Option<LegacyAuthentication>,
}

/// The authentication by a device token in the headers. It is deprecated \[S\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyAuthentication {
    /// The time since which it is deprecated.
    pub deprecated: Timestamp,
    /// The time from which the server no longer accepts it, if that is set.
    pub sunset: Option<Timestamp>,
}

/// The end of the old platform that the specification names \[S\].
const DEPRECATED_SINCE: Timestamp = Timestamp::from_seconds(1_635_724_800);

impl UserService {
    /// Authenticates the sender of a request \[S\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the credentials are missing or not valid now. [`Refusal::Deactivated`].
    pub fn authenticate(&self, presented: &PresentedCredentials) -> Result<Authenticated, Refusal> {
        match (&presented.access_token, &presented.device_token) {
            (Some(token), _) => {
                let opened = presented.opened.or_else(|| self.open(token.expose()));
                let opened = opened.ok_or(Refusal::AccessToken(AccessTokenFault::Malformed))?;
                let real = self.time.now();
                let caller = self.read().check_access_token(opened, real)?;
                Ok(Authenticated { caller, legacy: None })
            }
            (None, Some(device_token)) => self.authenticate_by_device_token(device_token, &presented.instance),
            (None, None) => Err(Refusal::AccessToken(AccessTokenFault::Missing)),
        }
    }

    fn authenticate_by_device_token(
        &self,
        device_token: &str,
        headers: &InstanceHeaders,
    ) -> Result<Authenticated, Refusal> {
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
        let has_key = state.instances.with_key(id, &key).is_some();
        let user = state.users.get(device_token).filter(|user| has_key && user.instance == id).ok_or_else(wrong)?;
        ensure_not_barred(user, &Refusal::AccessToken(AccessTokenFault::UserGone))?;
        let caller = Caller::User(UserCaller { device_token });
        Ok(Authenticated { caller, legacy: Some(LegacyAuthentication { deprecated: DEPRECATED_SINCE, sunset }) })
    }
}

/// Refuses a user who is deactivated, or with `deleted` one who is deleted. The only place where [`Barred`] becomes a [`Refusal`].
pub(super) fn ensure_not_barred(user: &User, deleted: &Refusal) -> Result<(), Refusal> {
    match user.barred() {
        None => Ok(()),
        Some(Barred::Deactivated) => Err(Refusal::Deactivated),
        Some(Barred::Deleted) => Err(deleted.clone()),
    }
}

impl State {
    /// Checks an access token whose signature is valid.
    fn check_access_token(&self, token: OpenedToken, real: Timestamp) -> Result<Caller, Refusal> {
        let gone = Refusal::AccessToken(AccessTokenFault::UserGone);
        if token.epoch != self.keys.epoch {
            return Err(Refusal::AccessToken(AccessTokenFault::Malformed));
        }
        match token.subject {
            Subject::User { device_token, .. } => {
                let user = self.users.get(device_token).ok_or_else(|| gone.clone())?;
                let scope = user.instance.into();
                let expires = token.expires.plus(self.settings_of(scope).clock_skew);
                let checked = user.credentials.check_access_token(token.id, expires, self.now(scope, real));
                checked.map_err(Refusal::AccessToken)?;
                ensure_not_barred(user, &gone)?;
                Ok(Caller::User(UserCaller { device_token }))
            }
            Subject::Admin(id) => {
                let admin = self.admins.get(id).ok_or(gone)?;
                let scope = admin.scope.home();
                let expires = token.expires.plus(self.settings_of(scope).clock_skew);
                let checked = admin.credentials.check_access_token(token.id, expires, self.now(scope, real));
                checked.map_err(Refusal::AccessToken)?;
                Ok(Caller::Admin(AdminCaller { id }))
            }
        }
    }

    /// A user who was authenticated a moment ago, and may have been deleted since.
    pub(super) fn caller(&self, caller: UserCaller) -> Result<&Arc<User>, Refusal> {
        let user = self.users.get(caller.device_token);
        user.ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))
    }
}
