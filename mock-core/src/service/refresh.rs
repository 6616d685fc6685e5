//! Refresh: an owner exchanges a pair of tokens for the next one.

use telematics_contract::Secret;
use telematics_contract::auth::TokensResponse;

use super::UserService;
use super::authentication::ensure_not_barred;
use super::ids::{AdminId, DeviceToken};
use super::instances::InstanceHeaders;
use super::issue::Issue;
use super::jwt::{OpenedToken, Subject};
use super::occasion::{Occasion, RequestNumber};
use super::refresh_token::{Owner, TokenPosition};
use super::refusal::{AccessTokenFault, RefreshTokenFault, Refusal};
use super::scope::Scope;
use super::state::State;
use super::time::Timestamp;

impl UserService {
    /// Exchanges a pair of tokens for the next one \[S\]. Of any number of simultaneous refreshes with the same token, exactly one
    /// succeeds.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the access token is not a JWT of this server. [`Refusal::RefreshToken`]: the refresh token is not
    /// accepted. [`Refusal::Deactivated`]. [`Refusal::WrongInstance`]: the request has wrong instance headers.
    pub fn refresh(
        &self,
        headers: &InstanceHeaders,
        access_token: Option<OpenedToken>,
        refresh_token: &Secret,
        number: Option<RequestNumber>,
    ) -> Result<TokensResponse, Refusal> {
        let malformed = Refusal::AccessToken(AccessTokenFault::Malformed);
        let token = access_token.ok_or_else(|| malformed.clone())?;
        let real = self.time.now();
        // The JWT names the owner, so the refresh token's HMAC is checked before the lock is taken.
        let keys = self.keys();
        let position = keys.mint.position(owner_of(&token), refresh_token.expose());
        let issue = {
            let mut state = self.write();
            if token.epoch != state.keys.epoch || keys.epoch != state.keys.epoch {
                return Err(malformed);
            }
            match token.subject {
                Subject::User { device_token, .. } => {
                    state.refresh_user(device_token, &token, position, headers, real, number)?
                }
                Subject::Admin(id) => state.refresh_admin(id, position, headers, real, number)?,
            }
        };
        Ok(issue.sign())
    }
}

/// The owner of the refresh token that belongs to an access token.
const fn owner_of(token: &OpenedToken) -> Owner {
    let id = match &token.subject {
        Subject::User { device_token, .. } => *device_token.as_bytes(),
        Subject::Admin(admin) => *admin.as_bytes(),
    };
    Owner { id, incarnation: token.id.incarnation }
}

impl State {
    /// Moves the family of a user to its next generation, if `position` is that of its current refresh token.
    fn refresh_user(
        &mut self,
        device_token: DeviceToken,
        token: &OpenedToken,
        position: Option<TokenPosition>,
        headers: &InstanceHeaders,
        real: Timestamp,
        request: Option<RequestNumber>,
    ) -> Result<Issue, Refusal> {
        let address = self.users.locate(device_token);
        let found = address.and_then(|address| Some((address, self.users.at(address)?)));
        let instance = found.map(|(_, user)| user.instance);
        self.instances.check_optional_headers(headers, instance)?;
        let (scope, settings) = (instance.into(), self.settings_of(instance.into()));
        let refused = |fault| Refusal::RefreshToken { fault, answer: settings.refresh_rejected };
        let gone = refused(RefreshTokenFault::UserGone);
        let (address, user) = found.ok_or_else(|| gone.clone())?;
        let id = user.instance;
        if user.credentials.incarnation() != token.id.incarnation {
            return Err(gone);
        }
        ensure_not_barred(user, &gone)?;
        let at = self.now(scope, real);
        let credentials = self.users.credentials_at(address).ok_or_else(|| gone.clone())?;
        let (on, lifetimes) = (Occasion { at, request }, settings.login_lifetimes());
        let pair = credentials.redeem(position, on, settings.rotation, lifetimes).map_err(refused)?;
        self.issue_to(address, id, pair, at).ok_or(gone)
    }

    /// The same for an admin.
    fn refresh_admin(
        &mut self,
        id: AdminId,
        position: Option<TokenPosition>,
        headers: &InstanceHeaders,
        real: Timestamp,
        request: Option<RequestNumber>,
    ) -> Result<Issue, Refusal> {
        let scope = self.admins.get(id).map_or(Scope::Server, |admin| admin.scope.home());
        self.instances.check_optional_headers(headers, scope.instance())?;
        let (at, settings) = (self.now(scope, real), self.settings_of(scope));
        let refused = |fault| Refusal::RefreshToken { fault, answer: settings.refresh_rejected };
        let admin = self.admins.get_mut(id).ok_or_else(|| refused(RefreshTokenFault::UserGone))?;
        let (on, lifetimes) = (Occasion { at, request }, settings.login_lifetimes());
        let pair = admin.credentials.redeem(position, on, settings.rotation, lifetimes).map_err(refused)?;
        Ok(Issue::for_admin(&self.keys, admin, pair, at))
    }
}
