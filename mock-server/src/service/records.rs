//! A user's record: reading it and changing it.

use telematics_contract::user::{UpdateUserRequest, UserRecord};

use super::UserService;
use super::authentication::Caller;
use super::profile::ProfileChange;
use super::refusal::{AccessTokenFault, Refusal};
use super::users::Identity;

impl UserService {
    /// The caller's own record \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn read_user(&self, caller: Caller) -> Result<UserRecord, Refusal> {
        let gone = || Refusal::AccessToken(AccessTokenFault::UserGone);
        let state = self.state.lock();
        let user = state.users.get(&caller.device_token).ok_or_else(gone)?;
        let instance = state.instances.get(user.instance).ok_or_else(gone)?;
        Ok(user.record(instance))
    }

    /// Changes what is given in the caller's own record and leaves the rest \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field cannot be what it says, and nothing was changed. [`Refusal::AccessToken`]: the user
    /// was deleted meanwhile.
    pub fn update_user(&self, caller: Caller, mut request: UpdateUserRequest) -> Result<(), Refusal> {
        let change = ProfileChange::check(request.take_profile(), request.external_image_url.take())?;
        if request.new_password.is_some() {
            // Nobody has a password yet, so no old one can be right.
            return Err(Refusal::invalid("OldPassword", "OldPassword is not right."));
        }
        let mut state = self.state.lock();
        let user = state.users.get_mut(&caller.device_token).ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))?;
        if !change.is_empty() {
            user.profile.get_or_insert_default().apply(change);
        }
        if let Some(fields) = request.user_fields {
            user.telematics.apply(fields);
        }
        user.status = request.status.unwrap_or(user.status);
        if request.identity_id.is_some() || request.identity_provider.is_some() {
            let Identity { id, provider } = &mut **user.identity.get_or_insert_default();
            *id = request.identity_id.map(Into::into).or(id.take());
            *provider = request.identity_provider.map(Into::into).or(provider.take());
        }
        Ok(())
    }
}
