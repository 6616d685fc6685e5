//! Who asks, login and refresh: the rule of life of every app.

use telematics_contract::Secret;
use telematics_contract::auth::{LoginRequest, RefreshRequest, TokensResponse};
use telematics_contract::headers::INSTANCE_ID;

use super::ids::{DeviceToken, InstanceId, InstanceKey};
use super::instances::InstanceHeaders;
use super::jwt::AccessClaims;
use super::refusal::{AccessTokenFault, RefreshTokenFault, Refusal};
use super::tokens::{Owner, Place, Worth};
use super::users::{Barred, Lifetimes, User};
use super::{Grant, Issue, State, Timestamp, UserService};

/// Who asks, proven by an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub device_token: DeviceToken,
}

/// What the headers of a login say, as it came.
#[derive(Clone, Debug, Default)]
pub struct LoginHeaders {
    /// The header `InstanceId`.
    pub instance_id: Option<String>,
}

impl UserService {
    /// Finds out who asks; `None` where the request carries no access token.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: there is none, or none that is good now. [`Refusal::Deactivated`].
    pub fn authenticate(&self, access_token: Option<&Secret>) -> Result<Caller, Refusal> {
        let token = access_token.ok_or(Refusal::AccessToken(AccessTokenFault::Missing))?;
        let claims = self.signer.open(token.expose()).ok_or(Refusal::AccessToken(AccessTokenFault::Malformed))?;
        let real = self.time.now();
        let state = self.state.lock();
        let user = state.user_of(&claims).ok_or(Refusal::AccessToken(AccessTokenFault::UserGone))?;
        let now = state.clock.shows(real);
        let expires = claims.expires.plus(state.settings.clock_skew);
        if now >= expires || user.is_access_expired(claims.id.number) {
            return Err(Refusal::AccessToken(AccessTokenFault::Expired));
        }
        match user.barred() {
            None => Ok(Caller { device_token: user.device_token }),
            Some(Barred::Deactivated) => Err(Refusal::Deactivated),
            Some(Barred::Deleted) => Err(Refusal::AccessToken(AccessTokenFault::UserGone)),
        }
    }

    /// Logs a user in by device token and instance key, which starts a new family \[V, C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: something is missing. [`Refusal::WrongLogin`]: whichever part is wrong.
    /// [`Refusal::Deactivated`].
    pub fn login(&self, headers: &LoginHeaders, request: &LoginRequest) -> Result<TokensResponse, Refusal> {
        let Some(device_token) = &request.login_fields.device_token else {
            return Err(Refusal::missing("LoginFields.DeviceToken"));
        };
        let instance_id = headers.instance_id.as_ref().ok_or_else(|| Refusal::missing(INSTANCE_ID))?;
        let instance_id: InstanceId =
            instance_id.parse().map_err(|_| Refusal::invalid(INSTANCE_ID, format!("{INSTANCE_ID} is no UUID.")))?;
        // From here on whatever is wrong has one and the same answer [V].
        let device_token: DeviceToken = device_token.parse().map_err(|_| Refusal::WrongLogin)?;
        let key: InstanceKey = request.password.expose().parse().map_err(|_| Refusal::WrongLogin)?;
        let real = self.time.now();
        let issue = {
            let mut state = self.state.lock();
            let known = state.instances.get(instance_id).is_some_and(|instance| instance.key.is(&key));
            let belongs = state.users.get(&device_token).is_some_and(|user| user.instance == instance_id);
            if !(known && belongs) {
                return Err(Refusal::WrongLogin);
            }
            state.sign_in(device_token, real)?
        };
        Ok(self.sign(issue))
    }

    /// Exchanges a pair of tokens for the next one \[S\]. Exactly one of any number of simultaneous refreshes with one
    /// token wins.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: no JWT of this server. [`Refusal::RefreshToken`]: it buys nothing any more.
    /// [`Refusal::Deactivated`]. [`Refusal::Invalid`], [`Refusal::WrongInstance`]: instance headers were sent, and wrong.
    pub fn refresh(&self, headers: &InstanceHeaders, request: &RefreshRequest) -> Result<TokensResponse, Refusal> {
        let claims = self.signer.open(request.access_token.expose());
        let claims = claims.ok_or(Refusal::AccessToken(AccessTokenFault::Malformed))?;
        let real = self.time.now();
        // Whose token it is says the JWT; computing the seal outside keeps the lock short.
        let owner = Owner { device_token: claims.device_token, birth: claims.id.birth };
        let place = self.mint.place(owner, request.refresh_token.expose());
        let issue = {
            let mut state = self.state.lock();
            state.instances.agree(headers)?;
            let answer = state.settings.refresh_rejected;
            state.rotate(owner, place, real).map_err(|refused| match refused {
                NotRotated::Deactivated => Refusal::Deactivated,
                NotRotated::Dead(fault) => Refusal::RefreshToken { fault, answer },
            })?
        };
        Ok(self.sign(issue))
    }
}

/// Why a refresh did not happen.
enum NotRotated {
    Deactivated,
    Dead(RefreshTokenFault),
}

impl From<RefreshTokenFault> for NotRotated {
    fn from(fault: RefreshTokenFault) -> Self {
        Self::Dead(fault)
    }
}

impl State {
    /// The user a JWT speaks of: not an earlier one with the same DeviceToken.
    fn user_of(&self, claims: &AccessClaims) -> Option<&User> {
        self.users.get(&claims.device_token).filter(|user| user.birth == claims.id.birth)
    }

    fn sign_in(&mut self, device_token: DeviceToken, real: Timestamp) -> Result<Issue, Refusal> {
        let now = self.clock.shows(real);
        let lifetimes = self.lifetimes();
        let user = self.users.get_mut(&device_token).ok_or(Refusal::WrongLogin)?;
        match user.barred() {
            None => {}
            Some(Barred::Deactivated) => return Err(Refusal::Deactivated),
            Some(Barred::Deleted) => return Err(Refusal::WrongLogin),
        }
        let instance = self.instances.get(user.instance).ok_or(Refusal::WrongLogin)?;
        let pair = user.start_family(now, lifetimes);
        let grant = Grant::new(user, instance, pair, lifetimes.access.seconds_rounded_up());
        Ok(Issue { owner: user.owner(), tokens: Some(grant) })
    }

    /// Moves the family of `owner` on, if `place` is where its current token is.
    fn rotate(&mut self, owner: Owner, place: Option<Place>, real: Timestamp) -> Result<Issue, NotRotated> {
        let now = self.clock.shows(real);
        let lifetimes = self.lifetimes();
        let user = self.users.get_mut(&owner.device_token).filter(|user| user.birth == owner.birth);
        let user = user.ok_or(RefreshTokenFault::UserGone)?;
        let instance = self.instances.get(user.instance).ok_or(RefreshTokenFault::UserGone)?;
        match user.barred() {
            None => {}
            Some(Barred::Deactivated) => return Err(NotRotated::Deactivated),
            Some(Barred::Deleted) => return Err(RefreshTokenFault::UserGone.into()),
        }
        let place = place.ok_or(RefreshTokenFault::Unknown)?;
        let family = user.family_mut().ok_or(RefreshTokenFault::Unknown)?;
        let (pair, expires_in) = match family.redeem(place, now, self.settings.rotation)? {
            Worth::Next(place) => (user.advance_family(place, now, lifetimes), lifetimes.access.seconds_rounded_up()),
            // The very same pair has lived for a moment already.
            Worth::Again(pair) => (pair, pair.access_expires.since(now).seconds_rounded_up()),
        };
        let grant = Grant::new(user, instance, pair, expires_in);
        Ok(Issue { owner, tokens: Some(grant) })
    }

    const fn lifetimes(&self) -> Lifetimes {
        Lifetimes { access: self.settings.login_token, refresh: self.settings.refresh_token }
    }
}
