//! A user's record: reading it and changing it.

use telematics_contract::user::{UpdateUserRequest, UserRecord};

use super::authentication::UserCaller;
use super::management::Target;
use super::passwords::PasswordHash;
use super::pictures::{Picture, PictureKind};
use super::profile::{Logins, ProfileChange};
use super::refusal::Refusal;
use super::registration::NewPassword;
use super::users::User;
use super::{State, UserService, ids::PictureId};

/// A password that is to be changed, from the one that was checked.
struct ChangedPassword {
    before: PasswordHash,
    after: PasswordHash,
}

fn wrong_old_password() -> Refusal {
    Refusal::invalid("OldPassword", "OldPassword is not right.")
}

impl UserService {
    /// The caller's own record \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn read_user(&self, caller: UserCaller) -> Result<UserRecord, Refusal> {
        let state = self.read();
        let user = state.caller(caller)?;
        let instance = state.instances.get(user.instance).ok_or(Refusal::WrongInstance)?;
        Ok(user.record(instance, false))
    }

    /// Changes what is given in a user's record and leaves the rest \[V\]. Takes a while where a password is changed.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field cannot be what it says, and nothing was changed. [`Refusal::AccessToken`],
    /// [`Refusal::NotFound`]: there is no such user (any more).
    pub fn update_user(&self, target: Target, mut request: UpdateUserRequest) -> Result<(), Refusal> {
        let change = ProfileChange::check(request.take_profile(), request.external_image_url.take())?;
        let password = self.changed_password(target, &mut request)?;
        let mut state = self.write();
        let user = state.target(target)?;
        let (device_token, id) = (user.device_token, user.instance);
        // The password may have been changed while the old one was checked.
        if password.as_ref().is_some_and(|changed| Some(&changed.before) != user.password()) {
            return Err(wrong_old_password());
        }
        // Only on a UBI instance do users log in with what is in their profile [S].
        let has_login = state.instances.get(id).is_some_and(|instance| instance.has_ubi);
        let logins = has_login.then(|| {
            let profile = user.profile.as_deref();
            (Logins::of(profile), change.logins(profile))
        });
        if let Some((before, after)) = &logins {
            state.check_logins(id, after, device_token)?;
            state.users.set_logins(device_token, Some((id, before)), Some((id, after)));
        }
        let Some(user) = state.users.get_mut(device_token) else { return Ok(()) };
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
        if let Some(changed) = password {
            user.extra_mut().password = Some(changed.after);
        }
        Ok(())
    }

    /// Checks the old password and hashes the new one, if there is a new one.
    fn changed_password(
        &self,
        target: Target,
        request: &mut UpdateUserRequest,
    ) -> Result<Option<ChangedPassword>, Refusal> {
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
        // An admin needs no old password [P]; a user needs the right one, and who has none has no right one.
        let before = match target {
            Target::Managed { .. } => current.ok_or_else(|| {
                Refusal::invalid("NewPassword", "Only a user of an instance with the product UBI has one.")
            })?,
            Target::Own(_) => {
                let right = current.zip(old).filter(|(current, old)| current.is(old));
                right.map(|(current, _)| current).ok_or_else(wrong_old_password)?
            }
        };
        Ok(Some(ChangedPassword { before, after: NewPassword::new(Some(new), seed).hash }))
    }

    /// Keeps a picture and makes it the user's; `url` says where a picture of that id is served \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: no picture \[P\]. [`Refusal::AccessToken`]: the user was deleted meanwhile.
    pub fn upload_picture(
        &self,
        caller: UserCaller,
        bytes: bytes::Bytes,
        url: impl FnOnce(PictureId, PictureKind) -> String,
    ) -> Result<String, Refusal> {
        let kind =
            PictureKind::of(&bytes).ok_or_else(|| Refusal::invalid("file", "Expected a PNG, JPEG, GIF or WebP."))?;
        let mut state = self.write();
        let home = state.caller(caller)?.instance;
        let instance = state.instances.get_mut(home).ok_or(Refusal::WrongInstance)?;
        let id = PictureId::from_random(instance.random.bytes());
        instance.pictures.keep(id, Picture { kind, bytes });
        let url = url(id, kind);
        let Some(user) = state.users.get_mut(caller.device_token) else { return Ok(url) };
        user.profile.get_or_insert_default().image_url = Some(url.as_str().into());
        if let Some(before) = user.extra_mut().picture.replace(id) {
            state.drop_picture(before);
        }
        Ok(url)
    }

    /// An uploaded picture.
    #[must_use]
    pub fn picture(&self, id: PictureId) -> Option<Picture> {
        self.read().instances.iter().find_map(|instance| instance.pictures.get(id)).cloned()
    }
}

impl State {
    /// Forgets a picture; its user may have moved since it was uploaded.
    pub(super) fn drop_picture(&mut self, id: PictureId) {
        for instance in self.instances.iter_mut() {
            instance.pictures.drop(id);
        }
    }

    /// The user that is to be changed.
    fn target(&self, target: Target) -> Result<&User, Refusal> {
        match target {
            Target::Own(caller) => self.caller(caller),
            Target::Managed { admin, device_token } => self.managed(admin, device_token),
        }
    }
}
