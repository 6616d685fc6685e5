//! Registration of one user, and of many.

use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};
use telematics_contract::user::UserFields;

use super::UserService;
use super::ids::{DeviceToken, InstanceId};
use super::instances::InstanceHeaders;
use super::issue::Issue;
use super::occasion::{Occasion, RequestNumber};
use super::outbox::{Channel, Message};
use super::passwords::{self, PasswordHash, PasswordHasher};
use super::profile::{Login, Logins, Profile, ProfileChange};
use super::refusal::Refusal;
use super::state::State;
use super::time::Timestamp;
use super::users::User;

/// A user to be registered, whose fields are valid.
struct NewUser {
    device_token: Option<DeviceToken>,
    fields: UserFields,
    profile: Option<Box<Profile>>,
    password: Option<NewPassword>,
    with_tokens: bool,
    request: Option<RequestNumber>,
}

/// A new password: its text for the message, and its hash for the user.
pub(super) struct NewPassword {
    pub(super) clear: Secret,
    pub(super) hash: PasswordHash,
}

/// The random bytes of a password: for its letters, and for the salt of its hash.
pub(super) struct PasswordSeed {
    letters: [u8; 10],
    salt: [u8; 16],
}

impl UserService {
    /// Whether a registration would hash a password, which takes about a millisecond.
    #[must_use]
    pub fn sets_password(&self, headers: &InstanceHeaders, request: &RegisterRequest) -> bool {
        let state = self.read();
        state.registration_instance(headers, request).is_ok_and(|id| state.instances.has_ubi(id))
    }

    /// Registers a user in the instance of the invite code, or of the headers \[S\]. Takes about a millisecond if
    /// [`UserService::sets_password`].
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; no user was registered.
    pub fn register(
        &self,
        headers: &InstanceHeaders,
        mut request: RegisterRequest,
        number: Option<RequestNumber>,
    ) -> Result<TokensResponse, Refusal> {
        let device_token = match &request.custom_token {
            Some(text) => Some(text.parse().map_err(|_| Refusal::invalid_uuid("CustomToken"))?),
            None => None,
        };
        let change = ProfileChange::check(request.take_profile(), None)?;
        let profile = (!change.is_empty()).then(|| {
            let mut profile = Box::new(Profile::default());
            profile.apply(change);
            profile
        });
        let mut user = NewUser {
            device_token,
            with_tokens: request.wants_tokens(),
            fields: request.user_fields.take().unwrap_or_default(),
            profile,
            password: None,
            request: number,
        };
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            let instance = state.registration_instance(headers, &request)?;
            if state.instances.has_ubi(instance) {
                state.check_registration(instance, &user)?;
                let seed = state.password_seed(instance);
                // Hashing takes a while, so the lock is released; the user is checked again afterwards.
                drop(state);
                let given = request.password.take().filter(|password| !password.expose().is_empty());
                user.password = Some(NewPassword::new(&self.passwords, given, seed));
                state = self.write();
            }
            state.check_registration(instance, &user)?;
            state.add_user(instance, user, real)?
        };
        Ok(issue.sign())
    }

    /// Registers many users with the same fields \[S\]. Takes a while: up to [`MAX_QUANTITY`] tokens are signed. The users are
    /// registered in steps, between which other requests run.
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; no user was registered.
    pub fn register_many(
        &self,
        headers: &InstanceHeaders,
        request: &RegisterManyRequest,
        number: Option<RequestNumber>,
    ) -> Result<Vec<TokensResponse>, Refusal> {
        /// The number of users that are registered under one lock.
        const STEP: u32 = 512;
        if !(1..=MAX_QUANTITY).contains(&request.quantity) {
            return Err(Refusal::invalid("Quantity", format!("Quantity is a whole number from 1 to {MAX_QUANTITY}.")));
        }
        let real = self.time.now();
        let user = || NewUser {
            device_token: None,
            fields: request.custom_fields.clone().unwrap_or_default(),
            profile: None,
            password: None,
            with_tokens: request.wants_tokens(),
            request: number,
        };
        let mut issues: Vec<Issue> = Vec::with_capacity(request.quantity as usize);
        let mut state = self.write();
        let instance = state.instances.authenticate(headers)?;
        if state.instances.has_ubi(instance) {
            let message = "Users of an instance with the product UBI have a login and are registered one by one.";
            return Err(Refusal::invalid("InstanceId", message));
        }
        for count in 1..=request.quantity {
            issues.push(state.add_user(instance, user(), real)?);
            if count % STEP == 0 {
                // Other requests can run between two steps.
                parking_lot::MutexGuard::bump(&mut state);
            }
        }
        drop(state);
        Ok(issues.into_iter().map(Issue::sign).collect())
    }
}

impl NewPassword {
    /// The given password, or a generated one \[S\]; takes about a millisecond.
    pub(super) fn new(hasher: &PasswordHasher, given: Option<Secret>, seed: PasswordSeed) -> Self {
        let clear = given.unwrap_or_else(|| passwords::generated(seed.letters));
        let hash = hasher.hash(&clear, seed.salt);
        Self { clear, hash }
    }
}

impl State {
    /// The instance of a registration: that of the invite code if there is one, otherwise that of the headers \[P\].
    fn registration_instance(
        &self,
        headers: &InstanceHeaders,
        request: &RegisterRequest,
    ) -> Result<InstanceId, Refusal> {
        match &request.instance_invite_code {
            Some(code) => self.instances.by_invite_code(code),
            None => self.instances.authenticate(headers),
        }
    }

    pub(super) fn password_seed(&mut self, instance: InstanceId) -> PasswordSeed {
        let random = self.instances.get_mut(instance).map_or(&mut self.random, |instance| &mut instance.random);
        PasswordSeed { letters: random.bytes(), salt: random.bytes() }
    }

    /// Checks that the DeviceToken and, on an instance with the product UBI, the logins are free.
    fn check_registration(&self, instance: InstanceId, new: &NewUser) -> Result<(), Refusal> {
        if new.device_token.is_some_and(|token| self.users.locate(token).is_some()) {
            return Err(Refusal::invalid("CustomToken", "CustomToken is already in use."));
        }
        if self.instances.has_ubi(instance) {
            self.check_logins(instance, &Logins::in_profile(new.profile.as_deref()), None)?;
        }
        Ok(())
    }

    /// Checks the logins of a user of an instance with the product UBI: there is at least one, and no other user has it \[S, P\].
    /// `user` is `None` for a user who is not registered yet.
    pub(super) fn check_logins(
        &self,
        instance: InstanceId,
        logins: &Logins,
        user: Option<DeviceToken>,
    ) -> Result<(), Refusal> {
        if logins.is_empty() {
            return Err(Refusal::invalid("Email", "Email or Phone is required as login."));
        }
        match self.users.taken(instance, logins, user) {
            Some(field) => Err(Refusal::invalid(field, format!("{field} is already in use."))),
            None => Ok(()),
        }
    }

    fn add_user(&mut self, id: InstanceId, new: NewUser, real: Timestamp) -> Result<Issue, Refusal> {
        let (now, lifetimes) = (self.now(id.into(), real), self.settings_of(id.into()).registration_lifetimes());
        let instance = self.instances.get_mut(id).ok_or(Refusal::WrongInstance)?;
        let users = &self.users;
        let device_token = new.device_token.unwrap_or_else(|| {
            loop {
                let drawn = DeviceToken::from_random(instance.random.bytes());
                // A reset restarts the random stream of the instance. A user with a DeviceToken from before the reset can still
                // exist in another instance.
                if users.locate(drawn).is_none() {
                    break drawn;
                }
            }
        });
        let mut user = User::new(device_token, instance.random.portable_number(), id, now);
        user.telematics.apply(new.fields);
        user.profile = new.profile;
        let issue = if new.with_tokens {
            let pair = user.credentials.start_family(Occasion { at: now, request: new.request }, lifetimes);
            Issue::for_user(&self.keys, &user, instance, pair, now)
        } else {
            Issue::without_tokens(&self.keys, &user)
        };
        if let Some(NewPassword { clear, hash }) = new.password {
            let logins = Logins::in_profile(user.profile.as_deref());
            user.extra_mut().password = Some(hash);
            self.deliver(id, &logins, &clear, now);
        }
        self.users.add(Arc::new(user));
        Ok(issue)
    }

    /// Sends a password to every login of a user \[S\]. No answer ever contains it.
    pub(super) fn deliver(&mut self, instance: InstanceId, logins: &Logins, password: &Secret, at: Timestamp) {
        let Self { instances, listener, .. } = self;
        let Some(instance) = instances.get_mut(instance) else { return };
        for (_, login) in logins.iter() {
            let (to, channel) = match login {
                Login::Phone(to) => (to.clone(), Channel::Sms),
                Login::Email(to) => (to.clone(), Channel::Email),
            };
            if let Some(listener) = listener {
                listener(instance.id(), &to);
            }
            instance.outbox.send(Message { to, channel, password: password.clone(), at });
        }
    }
}
