//! Registration: of one user, and of many.

use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};
use telematics_contract::user::UserFields;

use super::ids::{DeviceToken, InstanceId};
use super::instances::InstanceHeaders;
use super::outbox::{Channel, Message};
use super::passwords::{self, PasswordHash};
use super::profile::{Login, Logins, Profile, ProfileChange};
use super::refusal::Refusal;
use super::session::Issue;
use super::time::Timestamp;
use super::tokens::End;
use super::users::User;
use super::{State, UserService};

/// A user to be registered, found good.
struct NewUser {
    device_token: Option<DeviceToken>,
    fields: UserFields,
    profile: Option<Box<Profile>>,
    password: Option<NewPassword>,
    with_tokens: bool,
    request: u64,
}

/// A password, to be kept and to be delivered.
pub(super) struct NewPassword {
    pub(super) clear: Secret,
    pub(super) hash: PasswordHash,
}

impl UserService {
    /// Whether a registration would hash a password, which takes a while.
    #[must_use]
    pub fn sets_password(&self, headers: &InstanceHeaders, request: &RegisterRequest) -> bool {
        let state = self.read();
        let instance = state.home_of(headers, request).ok();
        instance.and_then(|id| state.instances.get(id)).is_some_and(|instance| instance.has_ubi)
    }

    /// Registers a user: into the instance of the invite code, or of the headers \[S\]. Takes a while where
    /// [`UserService::sets_password`].
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; nothing was registered.
    pub fn register(&self, headers: &InstanceHeaders, mut request: RegisterRequest) -> Result<TokensResponse, Refusal> {
        let device_token = match &request.custom_token {
            Some(text) => Some(text.parse().map_err(|_| Refusal::no_uuid("CustomToken"))?),
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
            request: headers.request,
        };
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            let instance = state.home_of(headers, &request)?;
            if state.instances.get(instance).is_some_and(|instance| instance.has_ubi) {
                state.check_admission(instance, &user)?;
                let seed = state.password_seed(instance);
                // Hashing takes a while, so it happens between two moments.
                drop(state);
                let given = request.password.take().filter(|password| !password.expose().is_empty());
                user.password = Some(NewPassword::new(given, seed));
                state = self.write();
            }
            state.check_admission(instance, &user)?;
            state.admit(instance, user, real)?
        };
        Ok(Self::sign(issue))
    }

    /// Registers many users alike \[S\]. Takes a while: up to [`MAX_QUANTITY`] tokens are signed.
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; nobody was registered.
    pub fn register_many(
        &self,
        headers: &InstanceHeaders,
        request: &RegisterManyRequest,
    ) -> Result<Vec<TokensResponse>, Refusal> {
        if !(1..=MAX_QUANTITY).contains(&request.quantity) {
            return Err(Refusal::invalid("Quantity", format!("Quantity is a whole number from 1 to {MAX_QUANTITY}.")));
        }
        let real = self.time.now();
        let issues: Vec<Issue> = {
            let mut state = self.write();
            let instance = state.instances.proven(headers)?;
            if state.instances.get(instance).is_some_and(|instance| instance.has_ubi) {
                let message = "Users of an instance with the product UBI have a login and are registered one by one.";
                return Err(Refusal::invalid("InstanceId", message));
            }
            let user = || NewUser {
                device_token: None,
                fields: request.custom_fields.clone().unwrap_or_default(),
                profile: None,
                password: None,
                with_tokens: request.wants_tokens(),
                request: headers.request,
            };
            (0..request.quantity).map(|_| state.admit(instance, user(), real)).collect::<Result<_, _>>()?
        };
        Ok(issues.into_iter().map(Self::sign).collect())
    }
}

/// The random bytes of a password: to generate it from, and to salt it with.
pub(super) struct PasswordSeed {
    pub(super) letters: [u8; 10],
    pub(super) salt: [u8; 16],
}

impl NewPassword {
    /// The given password, or a generated one \[S\]; takes about a millisecond.
    pub(super) fn new(given: Option<Secret>, seed: PasswordSeed) -> Self {
        let clear = given.unwrap_or_else(|| passwords::generated(seed.letters));
        let hash = PasswordHash::new(&clear, seed.salt);
        Self { clear, hash }
    }
}

impl State {
    /// The instance a registration goes to: the invite code wins over the headers, which may then be left out \[P\].
    fn home_of(&self, headers: &InstanceHeaders, request: &RegisterRequest) -> Result<InstanceId, Refusal> {
        match &request.instance_invite_code {
            Some(code) => self.instances.invited(code),
            None => self.instances.proven(headers),
        }
    }

    pub(super) fn password_seed(&mut self, instance: InstanceId) -> PasswordSeed {
        let random = self.instances.get_mut(instance).map_or(&mut self.random, |instance| &mut instance.random);
        PasswordSeed { letters: random.bytes(), salt: random.bytes() }
    }

    /// Checks what can be taken: the DeviceToken, and on a UBI instance the logins.
    fn check_admission(&self, instance: InstanceId, new: &NewUser) -> Result<(), Refusal> {
        if new.device_token.is_some_and(|token| self.users.get(token).is_some()) {
            return Err(Refusal::invalid("CustomToken", "CustomToken is already in use."));
        }
        if self.instances.get(instance).is_some_and(|instance| instance.has_ubi) {
            let nobody = DeviceToken::from_u128(0);
            self.check_logins(instance, &Logins::of(new.profile.as_deref()), nobody)?;
        }
        Ok(())
    }

    /// Checks the logins of a user of a UBI instance: there is one, and it is nobody else's \[S, P\].
    pub(super) fn check_logins(&self, instance: InstanceId, logins: &Logins, user: DeviceToken) -> Result<(), Refusal> {
        if logins.is_empty() {
            return Err(Refusal::invalid("Email", "Email or Phone is required as login."));
        }
        match self.users.taken(instance, logins, user) {
            Some(field) => Err(Refusal::invalid(field, format!("{field} is already in use."))),
            None => Ok(()),
        }
    }

    fn admit(&mut self, id: InstanceId, new: NewUser, real: Timestamp) -> Result<Issue, Refusal> {
        let (now, lifetimes) = (self.now(id.into(), real), self.settings_of(id.into()).registration_lifetimes());
        let instance = self.instances.get_mut(id).ok_or(Refusal::WrongInstance)?;
        let device_token = new.device_token.unwrap_or_else(|| DeviceToken::from_random(instance.random.bytes()));
        let mut user = User::new(device_token, instance.random.portable_number(), id, now);
        user.telematics.apply(new.fields);
        user.profile = new.profile;
        let issue = if new.with_tokens {
            let pair = user.credentials.start_family(End { at: now, by: new.request }, lifetimes);
            Issue::for_user(&self.keys, &user, instance, pair, now)
        } else {
            let keys = Arc::clone(&self.keys);
            Issue { keys, owner: user.owner(), device_token: Some(device_token), grant: None }
        };
        let logins = Logins::of(user.profile.as_deref());
        if let Some(NewPassword { clear, hash }) = new.password {
            user.extra_mut().password = Some(hash);
            self.users.add(user);
            self.users.set_logins(device_token, None, Some((id, &logins)));
            self.deliver(id, &logins, &clear, now);
        } else {
            self.users.add(user);
        }
        Ok(issue)
    }

    /// Sends a password to every login \[S\]; nothing else ever shows it.
    pub(super) fn deliver(&mut self, instance: InstanceId, logins: &Logins, password: &Secret, at: Timestamp) {
        let Self { instances, audience, .. } = self;
        let Some(instance) = instances.get_mut(instance) else { return };
        for (_, login) in logins.iter() {
            let (to, channel) = match login {
                Login::Phone(to) => (to.clone(), Channel::Sms),
                Login::Email(to) => (to.clone(), Channel::Email),
            };
            if let Some(tell) = audience {
                tell(instance.id, &to);
            }
            instance.outbox.send(Message { to, channel, password: password.clone(), at });
        }
    }
}
