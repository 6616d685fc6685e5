//! Login and refresh: the calls that issue tokens to an existing owner.

use std::net::IpAddr;

use telematics_contract::Secret;
use telematics_contract::auth::{LoginRequest, TokensResponse};
use telematics_contract::headers::INSTANCE_ID;

use super::UserService;
use super::admins::AdminPassword;
use super::authentication::ensure_not_barred;
use super::family::Pair;
use super::ids::{AdminId, DeviceToken, InstanceId, InstanceKey};
use super::instance_users::Address;
use super::instances::InstanceHeaders;
use super::issue::Issue;
use super::jwt::{OpenedToken, Subject};
use super::occasion::{Occasion, RequestNumber};
use super::passwords::PasswordHash;
use super::profile::Login;
use super::refresh_token::{Owner, TokenPosition};
use super::refusal::{AccessTokenFault, RefreshTokenFault, Refusal};
use super::scope::Scope;
use super::state::State;
use super::time::Timestamp;

/// The headers of a login and the address that it comes from.
#[derive(Clone, Debug, Default)]
pub struct LoginHeaders {
    /// The header `InstanceId`.
    pub instance_id: Option<String>,
    /// The address of the client.
    pub address: Option<IpAddr>,
}

/// An owner whose password is compared with the password that was sent.
enum Candidate {
    User(DeviceToken, PasswordHash),
    Admin(AdminId, AdminPassword),
}

impl UserService {
    /// Logs a user or an admin in, which starts a new family \[S, V, C\]. A login with a password takes about a millisecond.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field or header is missing. [`Refusal::WrongLogin`]: any part of the login is wrong.
    /// [`Refusal::Deactivated`]. [`Refusal::LockedOut`].
    pub fn login(
        &self,
        headers: &LoginHeaders,
        request: &LoginRequest,
        number: Option<RequestNumber>,
    ) -> Result<TokensResponse, Refusal> {
        let instance = match &headers.instance_id {
            None => None,
            Some(text) => Some(text.parse::<InstanceId>().map_err(|_| Refusal::invalid_uuid(INSTANCE_ID))?),
        };
        self.count_login(instance, headers.address)?;
        let fields = &request.login_fields;
        if let Some(device_token) = &fields.device_token {
            let instance = instance.ok_or_else(|| Refusal::missing(INSTANCE_ID))?;
            return self.login_by_device_token(instance, device_token, &request.password, number);
        }
        let email = fields.email.clone().and_then(Login::email);
        let login = email.or_else(|| fields.phone.clone().and_then(Login::phone));
        let login = login.ok_or_else(|| Refusal::missing("LoginFields"))?;
        if matches!(login, Login::Phone(_)) && instance.is_none() {
            return Err(Refusal::missing(INSTANCE_ID));
        }
        self.login_by_password(instance, &login, &request.password, number)
    }

    fn count_login(&self, instance: Option<InstanceId>, address: Option<IpAddr>) -> Result<(), Refusal> {
        let real = self.time.now();
        let mut state = self.write();
        let locks_out = state.settings_of(instance.into()).login_lockout;
        let Some(address) = address.filter(|_| locks_out) else { return Ok(()) };
        let now = state.now(instance.into(), real);
        state.lockout.admit((instance, address), now).map_err(|seconds| Refusal::LockedOut { seconds })
    }

    fn login_by_device_token(
        &self,
        instance: InstanceId,
        device_token: &str,
        key: &Secret,
        number: Option<RequestNumber>,
    ) -> Result<TokensResponse, Refusal> {
        // The answer does not tell which part is wrong [V].
        let device_token: DeviceToken = device_token.parse().map_err(|_| Refusal::WrongLogin)?;
        let key: InstanceKey = key.expose().parse().map_err(|_| Refusal::WrongLogin)?;
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            let has_key = state.instances.with_key(instance, &key).is_some();
            let address = state.users.locate(device_token).filter(|_| has_key).ok_or(Refusal::WrongLogin)?;
            state.sign_user_in(address, Some(instance), real, number)?
        };
        Ok(issue.sign())
    }

    fn login_by_password(
        &self,
        instance: Option<InstanceId>,
        login: &Login,
        password: &Secret,
        number: Option<RequestNumber>,
    ) -> Result<TokensResponse, Refusal> {
        let (candidates, salt) = {
            let mut state = self.write();
            let salt = state.random.bytes();
            (state.candidates(instance, login), salt)
        };
        if candidates.is_empty() {
            // A login that does not exist must take as long as one that exists.
            let _ = self.passwords.verify(&PasswordHash::of_nobody(), password);
        }
        let found = candidates.into_iter().find_map(|candidate| match candidate {
            Candidate::User(user, hash) => {
                self.passwords.verify(&hash, password).then_some(Candidate::User(user, hash))
            }
            Candidate::Admin(admin, given) => {
                let hash = match given {
                    AdminPassword::Hashed(hash) => hash,
                    AdminPassword::Given(given) => self.passwords.hash(&given, salt),
                };
                let right = self.passwords.verify(&hash, password);
                right.then_some(Candidate::Admin(admin, AdminPassword::Hashed(hash)))
            }
        });
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            match found.ok_or(Refusal::WrongLogin)? {
                Candidate::User(user, hash) => {
                    let address = state.users.locate(user).ok_or(Refusal::WrongLogin)?;
                    // The password may have been changed while it was checked.
                    let unchanged = state.users.at(address).and_then(|user| user.password()) == Some(&hash);
                    if !unchanged {
                        return Err(Refusal::WrongLogin);
                    }
                    state.sign_user_in(address, None, real, number)?
                }
                Candidate::Admin(admin, password) => state.sign_admin_in(admin, password, real, number)?,
            }
        };
        Ok(issue.sign())
    }

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
    fn candidates(&self, instance: Option<InstanceId>, login: &Login) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if let Login::Email(email) = login
            && let Some(admin) = self.admins.with_email(email)
        {
            candidates.push(Candidate::Admin(admin.id, admin.password.clone()));
        }
        // Only users of an instance with the product UBI have logins [S].
        let instance = instance.filter(|id| self.instances.has_ubi(*id));
        let user = instance.and_then(|instance| self.users.with_login(instance, login));
        if let Some((user, hash)) = user.and_then(|user| Some((user, user.password()?))) {
            candidates.push(Candidate::User(user.device_token, hash.clone()));
        }
        candidates
    }

    /// Starts a family for the user at `address`, who must be in the instance `within` if that is given.
    fn sign_user_in(
        &mut self,
        address: Address,
        within: Option<InstanceId>,
        real: Timestamp,
        request: Option<RequestNumber>,
    ) -> Result<Issue, Refusal> {
        let user = self.users.at(address).ok_or(Refusal::WrongLogin)?;
        if within.is_some_and(|within| within != user.instance) {
            return Err(Refusal::WrongLogin);
        }
        ensure_not_barred(user, &Refusal::WrongLogin)?;
        let (id, scope) = (user.instance, Scope::Instance(user.instance));
        let (at, lifetimes) = (self.now(scope, real), self.settings_of(scope).login_lifetimes());
        let credentials = self.users.credentials_at(address).ok_or(Refusal::WrongLogin)?;
        let pair = credentials.start_family(Occasion { at, request }, lifetimes);
        self.issue_to(address, id, pair, at).ok_or(Refusal::WrongLogin)
    }

    fn issue_to(&self, address: Address, instance: InstanceId, pair: Pair, now: Timestamp) -> Option<Issue> {
        let (user, instance) = (self.users.at(address)?, self.instances.get(instance)?);
        Some(Issue::for_user(&self.keys, user, instance, pair, now))
    }

    fn sign_admin_in(
        &mut self,
        id: AdminId,
        password: AdminPassword,
        real: Timestamp,
        request: Option<RequestNumber>,
    ) -> Result<Issue, Refusal> {
        let scope = self.admins.get(id).ok_or(Refusal::WrongLogin)?.scope.home();
        let (at, lifetimes) = (self.now(scope, real), self.settings_of(scope).login_lifetimes());
        let admin = self.admins.get_mut(id).ok_or(Refusal::WrongLogin)?;
        admin.password = password;
        let pair = admin.credentials.start_family(Occasion { at, request }, lifetimes);
        Ok(Issue::for_admin(&self.keys, admin, pair, at))
    }

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
