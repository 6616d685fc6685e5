//! Registration of one user, and of many.

use std::sync::Arc;

use parking_lot::MutexGuard;
use telematics_contract::Secret;
use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};
use telematics_contract::user::{UserFields, WrittenStatus};

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
use super::token_states::TokenStates;
use super::users::User;

/// A user to be registered, whose fields are valid.
pub(super) struct NewUser {
    pub(super) device_token: Option<DeviceToken>,
    pub(super) fields: UserFields,
    pub(super) profile: Option<Box<Profile>>,
    pub(super) password: Option<NewPassword>,
    pub(super) status: WrittenStatus,
    pub(super) tokens: TokenStates,
    pub(super) request: Option<RequestNumber>,
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
        let user = NewUser {
            device_token,
            status: WrittenStatus::Active,
            tokens: TokenStates::wanted(request.wants_tokens()),
            fields: request.user_fields.take().unwrap_or_default(),
            profile: Profile::new(change),
            password: None,
            request: number,
        };
        let password = request.password.take();
        let issue = self.add_one(|state| state.registration_instance(headers, &request), user, password)?;
        Ok(issue.sign())
    }

    /// Adds a user to the instance that `find` returns. If the instance has the product UBI, the user gets a password, given or
    /// generated, which takes about a millisecond.
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; no user was added.
    pub(super) fn add_one(
        &self,
        find: impl FnOnce(&State) -> Result<InstanceId, Refusal>,
        mut user: NewUser,
        password: Option<Secret>,
    ) -> Result<Issue, Refusal> {
        let real = self.time.now();
        let mut state = self.write();
        let instance = find(&state)?;
        if state.instances.has_ubi(instance) {
            state.check_registration(instance, &user)?;
            let seed = state.password_seed(instance);
            // Hashing takes a while, so the lock is released; the user is checked again afterwards.
            drop(state);
            let given = password.filter(|password| !password.expose().is_empty());
            user.password = Some(NewPassword::new(&self.passwords, given, seed));
            state = self.write();
        }
        state.check_registration(instance, &user)?;
        state.add_user(instance, user, real)
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
        if !(1..=MAX_QUANTITY).contains(&request.quantity) {
            return Err(Refusal::invalid("Quantity", format!("Quantity is a whole number from 1 to {MAX_QUANTITY}.")));
        }
        let real = self.time.now();
        let user = || NewUser {
            device_token: None,
            fields: request.custom_fields.clone().unwrap_or_default(),
            profile: None,
            password: None,
            status: WrittenStatus::Active,
            tokens: TokenStates::wanted(request.wants_tokens()),
            request: number,
        };
        let state = self.write();
        let instance = state.instances.authenticate(headers)?;
        if state.instances.has_ubi(instance) {
            let message = "Users of an instance with the product UBI have a login and are registered one by one.";
            return Err(Refusal::invalid("InstanceId", message));
        }
        let issues = add_many(state, instance, request.quantity, user, real)?;
        Ok(issues.into_iter().map(Issue::sign).collect())
    }
}

/// Adds `count` users in steps, between which other requests run. Releases the lock.
///
/// # Errors
///
/// See [`Refusal`]. If the instance was removed between two steps, its users were too.
pub(super) fn add_many(
    mut state: MutexGuard<'_, State>,
    instance: InstanceId,
    count: u32,
    user: impl Fn() -> NewUser,
    real: Timestamp,
) -> Result<Vec<Issue>, Refusal> {
    /// The number of users that are added under one lock.
    const STEP: u32 = 512;
    let mut issues = Vec::with_capacity(count as usize);
    for number in 1..=count {
        issues.push(state.add_user(instance, user(), real)?);
        if number % STEP == 0 {
            MutexGuard::bump(&mut state);
        }
    }
    Ok(issues)
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
        // Clients send an empty text for "none".
        match request.instance_invite_code.as_deref().filter(|code| !code.trim().is_empty()) {
            Some(code) => self.instances.by_invite_code(code),
            None => self.instances.authenticate(headers),
        }
    }

    pub(super) fn password_seed(&mut self, instance: InstanceId) -> PasswordSeed {
        let random = self.instances.get_mut(instance).map_or(&mut self.random, |instance| &mut instance.random);
        PasswordSeed { letters: random.bytes(), salt: random.bytes() }
    }

    /// Checks that the DeviceToken and, on an instance with the product UBI, the logins are free.
    pub(super) fn check_registration(&self, instance: InstanceId, new: &NewUser) -> Result<(), Refusal> {
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
        let (now, settings) = (self.now(id.into(), real), self.settings_of(id.into()));
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
        user.status = new.status;
        let on = Occasion { at: now, request: new.request };
        let pair =
            new.tokens.arrange(&mut user.credentials, on, settings.registration_lifetimes(), settings.clock_skew);
        let issue = match pair {
            Some(pair) => new.tokens.hand_out(Issue::for_user(&self.keys, &user, instance, pair, now)),
            None => Issue::without_tokens(&self.keys, &user),
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
