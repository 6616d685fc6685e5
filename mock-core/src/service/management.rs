//! What admins do with users, and how users change their instance.

use telematics_contract::headers::USER_DEVICE_TOKEN;
use telematics_contract::management::{ChangeInstanceRequest, JoinInstanceResponse};

use super::admins::AdminScope;
use super::authentication::{AdminCaller, UserCaller};
use super::ids::{DeviceToken, InstanceId, InstanceKey};
use super::profile::Logins;
use super::refusal::{AccessTokenFault, Refusal};
use super::registration::NewPassword;
use super::users::User;
use super::{Caller, State, UserService};

/// Whose record is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The caller's own.
    Own(UserCaller),
    /// That of a user whom an admin manages.
    Managed {
        /// The admin.
        admin: AdminCaller,
        /// The user.
        device_token: DeviceToken,
    },
}

const NO_SUCH_USER: Refusal = Refusal::NotFound("No user has this DeviceToken.");

impl Target {
    /// The target of an update: a user's own record, or the user whom an admin names in the header \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: an admin names nobody. [`Refusal::NotFound`]: what an admin names is no DeviceToken.
    pub fn of(caller: Caller, named: Option<&str>) -> Result<Self, Refusal> {
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
    /// Removes a user for good \[S, V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: there is no such user (any more).
    pub fn delete_user(&self, admin: AdminCaller, device_token: &str) -> Result<(), Refusal> {
        let device_token: DeviceToken = device_token.parse().map_err(|_| NO_SUCH_USER)?;
        let mut state = self.write();
        state.managed(admin, device_token)?;
        let picture = state.users.remove(device_token).and_then(|user| user.extra?.picture);
        if let Some(picture) = picture {
            state.drop_picture(picture);
        }
        Ok(())
    }

    /// Moves a user to another instance \[V\]. May take a while: see [`UserService::join_instance`].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: there is no such user. [`Refusal::WrongInstance`]: id and key of the instance do not match
    /// \[P\]. [`Refusal::Invalid`]: the instance has the product UBI, and the user no login that is free there.
    pub fn change_instance(&self, admin: AdminCaller, request: &ChangeInstanceRequest) -> Result<(), Refusal> {
        let device_token: DeviceToken = request.device_token.parse().map_err(|_| NO_SUCH_USER)?;
        let id: InstanceId = request.to_instance_id.parse().map_err(|_| Refusal::no_uuid("ToInstanceId"))?;
        let key: InstanceKey =
            request.to_instance_key.expose().parse().map_err(|_| Refusal::no_uuid("ToInstanceKey"))?;
        {
            let state = self.read();
            state.managed(admin, device_token)?;
            let matches = state.instances.get(id).is_some_and(|instance| instance.key.is(&key));
            if !matches {
                return Err(Refusal::WrongInstance);
            }
        }
        self.move_user(device_token, id, &NO_SUCH_USER)
    }

    /// Lets a user join the instance with that invite code \[C\]. Where that has the product UBI and the user no password
    /// yet, one is generated and delivered \[P\], which takes a while.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: no instance has that code. [`Refusal::Invalid`]: the instance has the product UBI, and the
    /// user no login that is free there. [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn join_instance(&self, caller: UserCaller, invite_code: &str) -> Result<JoinInstanceResponse, Refusal> {
        let (id, name) = {
            let state = self.read();
            let id = state.instances.invited(invite_code)?;
            (id, state.instances.get(id).map(|instance| instance.name.to_string()))
        };
        self.move_user(caller.device_token, id, &Refusal::AccessToken(AccessTokenFault::UserGone))?;
        Ok(JoinInstanceResponse { instance_name: name })
    }

    fn move_user(&self, device_token: DeviceToken, to: InstanceId, gone: &Refusal) -> Result<(), Refusal> {
        let mut state = self.write();
        let user = state.users.get(device_token).ok_or_else(|| gone.clone())?;
        let needs_login = state.instances.get(to).is_some_and(|instance| instance.has_ubi);
        let mut password = None;
        if needs_login && user.password().is_none() {
            state.check_logins(to, &Logins::of(user.profile.as_deref()), device_token)?;
            let seed = state.password_seed(to);
            // Hashing takes a while, so it happens between two moments.
            drop(state);
            password = Some(NewPassword::new(None, seed));
            state = self.write();
        }
        let now = state.now(to.into(), self.time.now());
        let user = state.users.get(device_token).ok_or_else(|| gone.clone())?;
        let (from, logins) = (user.instance, Logins::of(user.profile.as_deref()));
        if needs_login {
            state.check_logins(to, &logins, device_token)?;
        }
        let had_login = state.instances.get(from).is_some_and(|instance| instance.has_ubi);
        let before = had_login.then_some((from, &logins));
        let after = needs_login.then_some((to, &logins));
        state.users.set_logins(device_token, before, after);
        state.users.change_home(device_token, to);
        if let Some(password) = password {
            if let Some(user) = state.users.get_mut(device_token) {
                user.extra_mut().password = Some(password.hash);
            }
            state.deliver(to, &logins, &password.clear, now);
        }
        Ok(())
    }
}

impl State {
    /// Whose users an admin sees.
    pub(super) fn scope(&self, admin: AdminCaller) -> Result<&AdminScope, Refusal> {
        let admin = self.admins.get(admin.id).ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))?;
        Ok(&admin.scope)
    }

    /// A user whom an admin manages; one of another's instance does not exist for the admin.
    pub(super) fn managed(&self, admin: AdminCaller, device_token: DeviceToken) -> Result<&User, Refusal> {
        let scope = self.scope(admin)?;
        self.users.get(device_token).filter(|user| scope.holds(user.instance)).ok_or(NO_SUCH_USER)
    }
}
