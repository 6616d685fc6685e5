//! Registration: of one user, and of many.

use telematics_contract::auth::TokensResponse;
use telematics_contract::registration::{MAX_QUANTITY, RegisterManyRequest, RegisterRequest};
use telematics_contract::user::UserFields;

use super::ids::{DeviceToken, InstanceId};
use super::instances::InstanceHeaders;
use super::profile::{Profile, ProfileChange};
use super::refusal::Refusal;
use super::users::{Lifetimes, User};
use super::{Grant, Issue, State, Timestamp, UserService};

/// A user to be registered, found good.
struct NewUser {
    device_token: Option<DeviceToken>,
    fields: UserFields,
    profile: Option<Box<Profile>>,
    with_tokens: bool,
}

impl UserService {
    /// Registers a user: into the instance of the invite code, or of the headers \[S\].
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; nothing was registered.
    pub fn register(&self, headers: &InstanceHeaders, mut request: RegisterRequest) -> Result<TokensResponse, Refusal> {
        let device_token = match &request.custom_token {
            Some(text) => Some(text.parse().map_err(|_| Refusal::invalid("CustomToken", "CustomToken is no UUID."))?),
            None => None,
        };
        let change = ProfileChange::check(request.take_profile(), None)?;
        let profile = (!change.is_empty()).then(|| {
            let mut profile = Box::new(Profile::default());
            profile.apply(change);
            profile
        });
        let user = NewUser {
            device_token,
            with_tokens: request.wants_tokens(),
            fields: request.user_fields.unwrap_or_default(),
            profile,
        };
        let real = self.time.now();
        let issue = {
            let mut state = self.state.lock();
            // The code wins over the headers, which may then be left out [P].
            let instance = match &request.instance_invite_code {
                Some(code) => state.instances.invited(code)?,
                None => state.instances.proven(headers)?,
            };
            state.admit(instance, user, real)?
        };
        Ok(self.sign(issue))
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
            let mut state = self.state.lock();
            let instance = state.instances.proven(headers)?;
            let user = || NewUser {
                device_token: None,
                fields: request.custom_fields.clone().unwrap_or_default(),
                profile: None,
                with_tokens: request.wants_tokens(),
            };
            (0..request.quantity).map(|_| state.admit(instance, user(), real)).collect::<Result<_, _>>()?
        };
        Ok(issues.into_iter().map(|issue| self.sign(issue)).collect())
    }
}

impl State {
    fn admit(&mut self, instance: InstanceId, new: NewUser, real: Timestamp) -> Result<Issue, Refusal> {
        let now = self.clock.shows(real);
        if new.device_token.is_some_and(|token| self.users.contains_key(&token)) {
            return Err(Refusal::invalid("CustomToken", "CustomToken is already in use."));
        }
        let instance = self.instances.get_mut(instance).ok_or(Refusal::WrongInstance)?;
        let device_token = new.device_token.unwrap_or_else(|| DeviceToken::from_random(instance.random.bytes()));
        let mut user = User::new(device_token, instance.random.number(), instance.id, now);
        user.telematics.apply(new.fields);
        user.profile = new.profile;
        let access = self.settings.registration_token;
        let tokens = new.with_tokens.then(|| {
            let pair = user.start_family(now, Lifetimes { access, refresh: self.settings.refresh_token });
            Grant::new(&user, instance, pair, access.seconds_rounded_up())
        });
        let issue = Issue { owner: user.owner(), tokens };
        self.users.insert(device_token, user);
        Ok(issue)
    }
}
