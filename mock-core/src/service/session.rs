//! Login and refresh: what gives tokens out again and again.

use std::net::IpAddr;
use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, LoginRequest, RefreshRequest, TokensResponse};
use telematics_contract::headers::INSTANCE_ID;

use super::admins::{Admin, AdminPassword};
use super::ids::{AdminId, DeviceToken, InstanceId, InstanceKey};
use super::instances::{Instance, InstanceHeaders};
use super::jwt::{AccessClaims, OpenedToken, SdkClaims, Subject, TokenId};
use super::passwords::PasswordHash;
use super::profile::Login;
use super::refusal::{AccessTokenFault, RefreshTokenFault, Refusal};
use super::time::Timestamp;
use super::tokens::{End, Owner, Pair, Place};
use super::users::{Barred, User};
use super::{Keys, State, UserService};

/// What the headers and the connection of a login say, as it came.
#[derive(Clone, Debug, Default)]
pub struct LoginHeaders {
    /// The header `InstanceId`.
    pub instance_id: Option<String>,
    /// The address the login comes from.
    pub address: Option<IpAddr>,
    /// The number of the request in the journal.
    pub request: u64,
}

/// What is to be given out, decided under the lock but not yet signed.
pub(super) struct Issue {
    pub(super) keys: Arc<Keys>,
    pub(super) owner: Owner,
    pub(super) device_token: Option<DeviceToken>,
    pub(super) grant: Option<Grant>,
}

/// A pair of tokens to be signed.
pub(super) struct Grant {
    pair: Pair,
    expires_in: u32,
    claims: AccessClaims,
    sdk: Option<SdkClaims>,
}

impl Issue {
    /// A pair for a user.
    pub(super) fn for_user(keys: &Arc<Keys>, user: &User, instance: &Instance, pair: Pair, now: Timestamp) -> Self {
        let subject = Subject::User { device_token: user.device_token, instance: instance.id };
        let sdk = SdkClaims {
            application: instance.home.application,
            company: instance.home.company,
            enable_tracking: user.telematics.enable_tracking,
            enable_logging: user.telematics.enable_logging,
            enable_real_time_location: user.telematics.enable_real_time_location,
            client_id: user.telematics.client_id.clone(),
        };
        let grant = Grant::new(subject, user.credentials.birth(), Some(sdk), pair, now);
        Self { keys: Arc::clone(keys), owner: user.owner(), device_token: Some(user.device_token), grant: Some(grant) }
    }

    /// A pair for an admin.
    fn for_admin(keys: &Arc<Keys>, admin: &Admin, pair: Pair, now: Timestamp) -> Self {
        let grant = Grant::new(Subject::Admin(admin.id), admin.credentials.birth(), None, pair, now);
        Self { keys: Arc::clone(keys), owner: admin.owner(), device_token: None, grant: Some(grant) }
    }
}

impl Grant {
    fn new(subject: Subject, birth: u64, sdk: Option<SdkClaims>, pair: Pair, now: Timestamp) -> Self {
        let claims = AccessClaims {
            subject,
            id: TokenId { birth, number: pair.access_number },
            issued: pair.issued,
            expires: pair.access_expires,
            refresh_token_expires: pair.refresh_expires,
        };
        Self { pair, expires_in: pair.expires_in(now), claims, sdk }
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

/// Who may have the password that was given.
enum Candidate {
    User(DeviceToken, PasswordHash),
    Admin(AdminId, AdminPassword),
}

impl UserService {
    /// Signs what was decided under the lock.
    pub(super) fn sign(issue: Issue) -> TokensResponse {
        let Issue { keys, owner, device_token, grant } = issue;
        let device_token = device_token.map(|token| token.to_string());
        let Some(Grant { pair, expires_in, claims, sdk }) = grant else {
            return TokensResponse { device_token, access_token: None, refresh_token: None };
        };
        let token = Secret::new(keys.signer.sign(&claims, sdk.as_ref()));
        TokensResponse {
            device_token,
            access_token: Some(AccessToken { token, expires_in }),
            refresh_token: Some(Secret::new(keys.mint.token(owner, pair.place))),
        }
    }

    /// Logs a user or an admin in, which starts a new family \[S, V, C\]. Takes a while where a password is checked.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: something is missing. [`Refusal::WrongLogin`]: whichever part is wrong.
    /// [`Refusal::Deactivated`]. [`Refusal::LockedOut`].
    pub fn login(&self, headers: &LoginHeaders, request: &LoginRequest) -> Result<TokensResponse, Refusal> {
        let instance = match &headers.instance_id {
            None => None,
            Some(text) => Some(text.parse::<InstanceId>().map_err(|_| Refusal::no_uuid(INSTANCE_ID))?),
        };
        self.count_login(instance, headers.address)?;
        let fields = &request.login_fields;
        if let Some(device_token) = &fields.device_token {
            let instance = instance.ok_or_else(|| Refusal::missing(INSTANCE_ID))?;
            return self.login_by_device_token(instance, device_token, &request.password, headers.request);
        }
        let email = fields.email.clone().and_then(Login::email);
        let login = email.or_else(|| fields.phone.clone().and_then(Login::phone));
        let login = login.ok_or_else(|| Refusal::missing("LoginFields"))?;
        if matches!(login, Login::Phone(_)) && instance.is_none() {
            return Err(Refusal::missing(INSTANCE_ID));
        }
        self.login_by_password(instance, login, &request.password, headers.request)
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
        request: u64,
    ) -> Result<TokensResponse, Refusal> {
        // Whatever is wrong has one and the same answer [V].
        let device_token: DeviceToken = device_token.parse().map_err(|_| Refusal::WrongLogin)?;
        let key: InstanceKey = key.expose().parse().map_err(|_| Refusal::WrongLogin)?;
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            let known = state.instances.get(instance).is_some_and(|instance| instance.key.is(&key));
            let belongs = state.users.get_near(instance, device_token).is_some_and(|user| user.instance == instance);
            if !(known && belongs) {
                return Err(Refusal::WrongLogin);
            }
            state.sign_user_in(device_token, real, request)?
        };
        Ok(Self::sign(issue))
    }

    fn login_by_password(
        &self,
        instance: Option<InstanceId>,
        login: Login,
        password: &Secret,
        request: u64,
    ) -> Result<TokensResponse, Refusal> {
        let (candidates, salt) = {
            let mut state = self.write();
            let salt = state.random.bytes();
            (state.candidates(instance, login), salt)
        };
        if candidates.is_empty() {
            // A login that does not exist must take as long as one that does.
            let _ = PasswordHash::of_nobody().is(password);
        }
        let found = candidates.into_iter().find_map(|candidate| match candidate {
            Candidate::User(user, hash) => hash.is(password).then_some(Candidate::User(user, hash)),
            Candidate::Admin(admin, AdminPassword::Hashed(hash)) => {
                hash.is(password).then_some(Candidate::Admin(admin, AdminPassword::Hashed(hash)))
            }
            Candidate::Admin(admin, AdminPassword::Given(given)) => {
                let hash = PasswordHash::new(&given, salt);
                hash.is(password).then_some(Candidate::Admin(admin, AdminPassword::Hashed(hash)))
            }
        });
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            match found.ok_or(Refusal::WrongLogin)? {
                Candidate::User(user, hash) => {
                    // The password may have been changed while it was checked.
                    let stands = state.users.get(user).and_then(User::password) == Some(&hash);
                    if !stands {
                        return Err(Refusal::WrongLogin);
                    }
                    state.sign_user_in(user, real, request)?
                }
                Candidate::Admin(admin, password) => state.sign_admin_in(admin, password, real, request)?,
            }
        };
        Ok(Self::sign(issue))
    }

    /// Exchanges a pair of tokens for the next one \[S\]. Exactly one of any number of simultaneous refreshes with one
    /// token wins.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: no JWT of this server. [`Refusal::RefreshToken`]: it buys nothing any more.
    /// [`Refusal::Deactivated`]. [`Refusal::WrongInstance`]: instance headers were sent, and wrong.
    pub fn refresh(&self, headers: &InstanceHeaders, request: &RefreshRequest) -> Result<TokensResponse, Refusal> {
        self.refresh_opened(headers, self.open(request.access_token.expose()), &request.refresh_token)
    }

    /// Like [`UserService::refresh`], where somebody has opened the access token already.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn refresh_opened(
        &self,
        headers: &InstanceHeaders,
        access_token: Option<OpenedToken>,
        refresh_token: &Secret,
    ) -> Result<TokensResponse, Refusal> {
        let malformed = Refusal::AccessToken(AccessTokenFault::Malformed);
        let token = access_token.ok_or_else(|| malformed.clone())?;
        let real = self.time.now();
        // Whose token it is says the JWT; checking the seal outside keeps the lock short.
        let keys = Arc::clone(&self.keys.read());
        let place = keys.mint.place(owner_of(&token), refresh_token.expose());
        let issue = {
            let mut state = self.write();
            if token.world != state.keys.world || keys.world != state.keys.world {
                return Err(malformed);
            }
            let home = state.home_of_subject(&token.subject);
            state.instances.agree(headers, home)?;
            let answer = state.settings_of(home.into()).refresh_rejected;
            state.rotate(&token, place, real, headers.request).map_err(|refused| match refused {
                NotRotated::Deactivated => Refusal::Deactivated,
                NotRotated::Dead(fault) => Refusal::RefreshToken { fault, answer },
            })?
        };
        Ok(Self::sign(issue))
    }
}

/// Whose refresh token goes with a JWT.
const fn owner_of(token: &OpenedToken) -> Owner {
    let id = match &token.subject {
        Subject::User { device_token, .. } => *device_token.as_bytes(),
        Subject::Admin(admin) => *admin.as_bytes(),
    };
    Owner { id, birth: token.id.birth }
}

impl State {
    /// The instance that the owner of a token is in by now; none, where an admin sees several.
    fn home_of_subject(&self, subject: &Subject) -> Option<InstanceId> {
        match subject {
            Subject::User { device_token, instance } => {
                self.users.get_near(*instance, *device_token).map(|user| user.instance)
            }
            Subject::Admin(admin) => self.admins.get(*admin)?.scope.home().instance(),
        }
    }

    fn candidates(&self, instance: Option<InstanceId>, login: Login) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if let Login::Email(email) = &login
            && let Some(admin) = self.admins.with_email(email)
        {
            candidates.push(Candidate::Admin(admin.id, admin.password.clone()));
        }
        let user = instance.and_then(|instance| self.users.with_login(instance, &login));
        if let Some((user, hash)) = user.and_then(|user| Some((user, user.password()?))) {
            candidates.push(Candidate::User(user.device_token, hash.clone()));
        }
        candidates
    }

    fn sign_user_in(&mut self, device_token: DeviceToken, real: Timestamp, by: u64) -> Result<Issue, Refusal> {
        let home = self.users.get(device_token).ok_or(Refusal::WrongLogin)?.instance;
        let (at, lifetimes) = (self.now(home.into(), real), self.settings_of(home.into()).login_lifetimes());
        let instance = self.instances.get(home).ok_or(Refusal::WrongLogin)?;
        let user = self.users.get_near_mut(home, device_token).ok_or(Refusal::WrongLogin)?;
        match user.barred() {
            None => {}
            Some(Barred::Deactivated) => return Err(Refusal::Deactivated),
            Some(Barred::Deleted) => return Err(Refusal::WrongLogin),
        }
        let pair = user.credentials.start_family(End { at, by }, lifetimes);
        Ok(Issue::for_user(&self.keys, user, instance, pair, at))
    }

    fn sign_admin_in(
        &mut self,
        id: AdminId,
        password: AdminPassword,
        real: Timestamp,
        by: u64,
    ) -> Result<Issue, Refusal> {
        let home = self.admins.get(id).ok_or(Refusal::WrongLogin)?.scope.home();
        let (at, lifetimes) = (self.now(home, real), self.settings_of(home).login_lifetimes());
        let admin = self.admins.get_mut(id).ok_or(Refusal::WrongLogin)?;
        admin.password = password;
        let pair = admin.credentials.start_family(End { at, by }, lifetimes);
        Ok(Issue::for_admin(&self.keys, admin, pair, at))
    }

    /// Moves the family of the token's owner on, if `place` is where its current token is.
    fn rotate(
        &mut self,
        token: &OpenedToken,
        place: Option<Place>,
        real: Timestamp,
        by: u64,
    ) -> Result<Issue, NotRotated> {
        let gone = RefreshTokenFault::UserGone;
        match token.subject {
            Subject::User { device_token, instance } => {
                let home = self.users.get_near(instance, device_token).ok_or(gone)?.instance;
                let (at, settings) = (self.now(home.into(), real), self.settings_of(home.into()));
                let instance = self.instances.get(home).ok_or(gone)?;
                let user = self.users.get_near_mut(home, device_token).ok_or(gone)?;
                if user.credentials.birth() != token.id.birth {
                    return Err(gone.into());
                }
                match user.barred() {
                    None => {}
                    Some(Barred::Deactivated) => return Err(NotRotated::Deactivated),
                    Some(Barred::Deleted) => return Err(gone.into()),
                }
                let lifetimes = settings.login_lifetimes();
                let pair = user.credentials.redeem(place, End { at, by }, settings.rotation, lifetimes)?;
                Ok(Issue::for_user(&self.keys, user, instance, pair, at))
            }
            Subject::Admin(id) => {
                let home = self.admins.get(id).ok_or(gone)?.scope.home();
                let (at, settings) = (self.now(home, real), self.settings_of(home));
                let admin = self.admins.get_mut(id).ok_or(gone)?;
                let lifetimes = settings.login_lifetimes();
                let pair = admin.credentials.redeem(place, End { at, by }, settings.rotation, lifetimes)?;
                Ok(Issue::for_admin(&self.keys, admin, pair, at))
            }
        }
    }
}
