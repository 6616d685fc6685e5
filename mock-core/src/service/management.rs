//! The calls with which admins delete and move users, and users join another instance.

use std::sync::Arc;

use telematics_contract::headers::USER_DEVICE_TOKEN;
use telematics_contract::management::{ChangeInstanceRequest, JoinInstanceResponse};

use super::admins::AdminScope;
use super::authentication::{AdminCaller, UserCaller};
use super::ids::{DeviceToken, InstanceId, InstanceKey};
use super::profile::Logins;
use super::refusal::{AccessTokenFault, Refusal};
use super::registration::NewPassword;
use super::state::State;
use super::users::User;
use super::{Caller, UserService};

/// The user whose record is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The caller.
    Own(UserCaller),
    /// A user that an admin manages.
    Managed {
        /// The admin.
        admin: AdminCaller,
        /// The user.
        device_token: DeviceToken,
    },
}

const NO_SUCH_USER: Refusal = Refusal::NotFound("No user has this DeviceToken.");

impl Target {
    /// The target of an update: the caller, or the user that an admin names in the header \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: an admin does not name a user. [`Refusal::NotFound`]: the header is not a DeviceToken.
    pub fn new(caller: Caller, named: Option<&str>) -> Result<Self, Refusal> {
        match caller {
            Caller::User(user) => Ok(Self::Own(user)),
            Caller::Admin(admin) => {
                let named = named.ok_or_else(|| Refusal::missing(USER_DEVICE_TOKEN))?;
                let device_token = named.parse().map_err(|_| NO_SUCH_USER)?;
                Ok(Self::Managed { admin, device_token })
            }
        }
    }
}

impl UserService {
    /// Deletes a user permanently \[S, V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: the admin manages no such user.
    pub fn delete_user(&self, admin: AdminCaller, device_token: &str) -> Result<(), Refusal> {
        let device_token: DeviceToken = device_token.parse().map_err(|_| NO_SUCH_USER)?;
        let mut state = self.write();
        state.managed(admin, device_token)?;
        state.remove_user(device_token);
        Ok(())
    }

    /// Moves a user to another instance \[V\]. Can take about a millisecond, like [`UserService::join_instance`].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: the admin manages no such user. [`Refusal::WrongInstance`]: id and key of the instance do not match
    /// \[P\]. [`Refusal::Invalid`]: the instance has the product UBI, and the user has no login that is free there.
    pub fn change_instance(&self, admin: AdminCaller, request: &ChangeInstanceRequest) -> Result<(), Refusal> {
        let device_token: DeviceToken = request.device_token.parse().map_err(|_| NO_SUCH_USER)?;
        let id: InstanceId = request.to_instance_id.parse().map_err(|_| Refusal::invalid_uuid("ToInstanceId"))?;
        let key: InstanceKey =
            request.to_instance_key.expose().parse().map_err(|_| Refusal::invalid_uuid("ToInstanceKey"))?;
        {
            let state = self.read();
            state.managed(admin, device_token)?;
            if state.instances.with_key(id, &key).is_none() {
                return Err(Refusal::WrongInstance);
            }
        }
        self.move_user(device_token, id, &NO_SUCH_USER)
    }

    /// Moves the caller to the instance with this invite code \[C\]. If the instance has the product UBI and the user has no
    /// password, a password is generated and sent \[P\], which takes about a millisecond.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: no instance has this code. [`Refusal::Invalid`]: the instance has the product UBI, and the user has
    /// no login that is free there. [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn join_instance(&self, caller: UserCaller, invite_code: &str) -> Result<JoinInstanceResponse, Refusal> {
        let (id, name) = {
            let state = self.read();
            let id = state.instances.by_invite_code(invite_code)?;
            (id, state.instances.get(id).map(|instance| instance.details.name.to_string()))
        };
        self.move_user(caller.device_token, id, &Refusal::AccessToken(AccessTokenFault::UserGone))?;
        Ok(JoinInstanceResponse { instance_name: name })
    }

    fn move_user(&self, device_token: DeviceToken, to: InstanceId, gone: &Refusal) -> Result<(), Refusal> {
        let mut state = self.write();
        let user = state.users.get(device_token).ok_or_else(|| gone.clone())?;
        let needs_login = state.instances.has_ubi(to);
        let mut password = None;
        if needs_login && user.password().is_none() {
            state.check_logins(to, &Logins::in_profile(user.profile.as_deref()), Some(device_token))?;
            let seed = state.password_seed(to);
            // Hashing takes a while, so the lock is released; the user is checked again afterwards.
            drop(state);
            password = Some(NewPassword::new(&self.passwords, None, seed));
            state = self.write();
        }
        if state.instances.get(to).is_none() {
            // The instance was removed meanwhile.
            return Err(Refusal::WrongInstance);
        }
        let now = state.now(to.into(), self.time.now());
        let user = state.users.get(device_token).ok_or_else(|| gone.clone())?;
        let logins = Logins::in_profile(user.profile.as_deref());
        if needs_login {
            state.check_logins(to, &logins, Some(device_token))?;
        }
        state.users.change_instance(device_token, to);
        if let Some(NewPassword { clear, hash }) = password {
            let address = state.users.locate(device_token);
            let _ =
                address.and_then(|address| state.users.update(address, |user| user.extra_mut().password = Some(hash)));
            state.deliver(to, &logins, &clear, now);
        }
        Ok(())
    }
}

impl State {
    /// The users that an admin manages.
    pub(super) fn admin_scope(&self, admin: AdminCaller) -> Result<&AdminScope, Refusal> {
        let admin = self.admins.get(admin.id).ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))?;
        Ok(&admin.scope)
    }

    /// A user that an admin manages. A user of another admin's instance does not exist for the admin.
    pub(super) fn managed(&self, admin: AdminCaller, device_token: DeviceToken) -> Result<&Arc<User>, Refusal> {
        let scope = self.admin_scope(admin)?;
        self.users.get(device_token).filter(|user| scope.includes(user.instance)).ok_or(NO_SUCH_USER)
    }
}
