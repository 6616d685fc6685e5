//! The calls that read and change a user's record.

use std::sync::Arc;

use telematics_contract::user::{UpdateUserRequest, UserRecord};

use super::UserService;
use super::authentication::UserCaller;
use super::ids::PictureId;
use super::management::Target;
use super::passwords::PasswordHash;
use super::pictures::{MAX_PICTURE_BYTES, Picture, PictureKind};
use super::profile::ProfileChange;
use super::refusal::Refusal;
use super::registration::NewPassword;
use super::state::State;
use super::users::User;

/// A change of a password: the hash that was checked, and the new one.
struct PasswordChange {
    before: PasswordHash,
    after: PasswordHash,
}

fn wrong_old_password() -> Refusal {
    Refusal::invalid("OldPassword", "OldPassword is wrong.")
}

impl UserService {
    /// The caller's own record \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the user was deleted meanwhile. [`Refusal::NotAnAdmin`]: the settings leave this call to admins.
    pub fn read_user(&self, caller: UserCaller) -> Result<UserRecord, Refusal> {
        let (user, details) = {
            let state = self.read();
            let user = state.caller(caller)?;
            state.ensure_self_service(user)?;
            let instance = state.instances.get(user.instance).ok_or(Refusal::WrongInstance)?;
            (Arc::clone(user), Arc::clone(&instance.details))
        };
        Ok(user.record(&details, false))
    }

    /// Checks that users may read and change their own records; the settings can leave that to admins \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotAnAdmin`]. [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn ensure_self_service(&self, caller: UserCaller) -> Result<(), Refusal> {
        let state = self.read();
        state.ensure_self_service(state.caller(caller)?)
    }

    /// Changes the given fields of a user's record \[V\]. A change of the password takes about two milliseconds.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field is invalid, and nothing was changed. [`Refusal::AccessToken`], [`Refusal::NotFound`]: the user
    /// does not exist.
    pub fn update_user(&self, target: Target, mut request: UpdateUserRequest) -> Result<(), Refusal> {
        let change = ProfileChange::check(request.take_profile(), request.external_image_url.take())?;
        let password = self.check_password_change(target, &mut request)?;
        let mut state = self.write();
        let user = state.target(target)?;
        let (device_token, instance) = (user.device_token, user.instance);
        // The password may have been changed while the old one was checked.
        if password.as_ref().is_some_and(|change| Some(&change.before) != user.password()) {
            return Err(wrong_old_password());
        }
        // Only users of an instance with the product UBI log in with the fields of their profile [S].
        if state.instances.has_ubi(instance) {
            state.check_logins(instance, &change.logins(user.profile.as_deref()), Some(device_token))?;
        }
        let Some(address) = state.users.locate(device_token) else { return Ok(()) };
        state.users.update(address, |user| apply(user, change, request, password));
        Ok(())
    }

    /// Checks the old password and hashes the new one, if the request contains a new one.
    fn check_password_change(
        &self,
        target: Target,
        request: &mut UpdateUserRequest,
    ) -> Result<Option<PasswordChange>, Refusal> {
        let (old, Some(new)) = (request.old_password.take(), request.new_password.take()) else { return Ok(None) };
        if new.expose().is_empty() {
            return Err(Refusal::invalid("NewPassword", "NewPassword must not be empty."));
        }
        let (current, seed) = {
            let mut state = self.write();
            let user = state.target(target)?;
            let (current, instance) = (user.password().cloned(), user.instance);
            (current, state.password_seed(instance))
        };
        // An admin needs no old password [P]. A user needs the right one; a user without a password cannot set one.
        let before = match target {
            Target::Managed { .. } => current.ok_or_else(|| {
                let message = "Only a user of an instance with the product UBI has a password.";
                Refusal::invalid("NewPassword", message)
            })?,
            Target::Own(_) => {
                let right = current.zip(old).filter(|(current, old)| self.passwords.verify(current, old));
                right.map(|(current, _)| current).ok_or_else(wrong_old_password)?
            }
        };
        Ok(Some(PasswordChange { before, after: NewPassword::new(&self.passwords, Some(new), seed).hash }))
    }

    /// Stores a picture and makes it the caller's picture. `url` returns the URL of the picture with this id \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: the file is not a picture \[P\], or the server stores [`MAX_PICTURE_BYTES`] already. [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn upload_picture(
        &self,
        caller: UserCaller,
        bytes: bytes::Bytes,
        url: impl FnOnce(PictureId, PictureKind) -> String,
    ) -> Result<String, Refusal> {
        let kind = PictureKind::detect(&bytes)
            .ok_or_else(|| Refusal::invalid("file", "Expected a PNG, JPEG, GIF or WebP."))?;
        let mut state = self.write();
        let home = state.caller(caller)?.instance;
        if state.instances.picture_bytes().saturating_add(bytes.len()) > MAX_PICTURE_BYTES {
            let limit = MAX_PICTURE_BYTES >> 20;
            return Err(Refusal::invalid("file", format!("The server stores at most {limit} MiB of pictures.")));
        }
        let instance = state.instances.get_mut(home).ok_or(Refusal::WrongInstance)?;
        let id = PictureId::from_random(instance.random.bytes());
        instance.pictures.insert(id, Picture { kind, bytes });
        let url = url(id, kind);
        let Some(address) = state.users.locate(caller.device_token) else { return Ok(url) };
        let before = state.users.update(address, |user| {
            user.profile.get_or_insert_default().image_url = Some(url.as_str().into());
            user.extra_mut().picture.replace(id)
        });
        if let Some(before) = before.flatten() {
            state.instances.remove_picture(before);
        }
        Ok(url)
    }

    /// An uploaded picture.
    #[must_use]
    pub fn picture(&self, id: PictureId) -> Option<Picture> {
        self.read().instances.picture(id).cloned()
    }
}

fn apply(user: &mut User, change: ProfileChange, request: UpdateUserRequest, password: Option<PasswordChange>) {
    if !change.is_empty() {
        user.profile.get_or_insert_default().apply(change);
    }
    if let Some(fields) = request.user_fields {
        user.telematics.apply(fields);
    }
    user.status = request.status.unwrap_or(user.status);
    if request.identity_id.is_some() {
        user.extra_mut().identity_id = request.identity_id.map(Into::into);
    }
    if request.identity_provider.is_some() {
        user.extra_mut().identity_provider = request.identity_provider.map(Into::into);
    }
    if let Some(change) = password {
        user.extra_mut().password = Some(change.after);
    }
}

impl State {
    /// The user whose record is to be changed.
    fn target(&self, target: Target) -> Result<&Arc<User>, Refusal> {
        match target {
            Target::Own(caller) => self.caller(caller),
            Target::Managed { admin, device_token } => self.managed(admin, device_token),
        }
    }

    /// Refuses a user who may not read and change the own record, because the settings leave that to admins \[V\].
    fn ensure_self_service(&self, user: &User) -> Result<(), Refusal> {
        if self.settings_of(user.instance.into()).user_self_service { Ok(()) } else { Err(Refusal::NotAnAdmin) }
    }
}

#[cfg(test)]
mod tests {
    use telematics_contract::registration::RegisterRequest;

    use super::*;
    use crate::service::clock::FixedTime;
    use crate::service::instances::{DEMO_INSTANCE, DEMO_KEY, InstanceHeaders};
    use crate::service::random::Seed;
    use crate::service::time::Timestamp;
    use crate::service::{Scope, Settings, Start};

    fn picture(length: usize) -> bytes::Bytes {
        let mut bytes = vec![0; length];
        bytes[..6].copy_from_slice(b"GIF89a");
        bytes.into()
    }

    #[test]
    fn a_picture_that_exceeds_the_limit_of_the_server_is_refused_until_there_is_room() {
        let service = UserService::new(Start {
            settings: Settings::default(),
            seed: Seed::from_number(1),
            time: Box::new(FixedTime(Timestamp::EPOCH)),
            clock: None,
        });
        let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
        let register = || {
            let registered = service.register(&headers, RegisterRequest::default(), None).unwrap();
            UserCaller { device_token: registered.device_token.unwrap().parse().unwrap() }
        };
        let (ada, bob) = (register(), register());
        let upload = |caller, length| service.upload_picture(caller, picture(length), |id, _| id.to_string());
        upload(ada, MAX_PICTURE_BYTES - 10).unwrap();
        upload(bob, 10).unwrap();
        let Err(Refusal::Invalid(error)) = upload(bob, 6) else { panic!("must be refused") };
        assert_eq!((error.key.as_str(), error.message.contains("256 MiB")), ("file", true));
        service.remove_fixture_user(Scope::Server, ada.device_token).unwrap();
        upload(bob, 6).unwrap();
    }
}
