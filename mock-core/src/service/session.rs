//! Login: a user or an admin gets the first tokens of a new family.

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
use super::issue::Issue;
use super::occasion::{Occasion, RequestNumber};
use super::passwords::PasswordHash;
use super::profile::Login;
use super::refusal::Refusal;
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
enum LoginCandidate {
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
        // Logins to unknown instances count together, so that nobody gets more attempts by inventing instances.
        let instance = instance.filter(|id| state.instances.get(*id).is_some());
        let settings = state.settings_of(instance.into());
        let Some(address) = address.filter(|_| settings.login_lockout) else { return Ok(()) };
        let now = state.now(instance.into(), real);
        let admitted = state.lockout.admit((instance, address), now, settings.lockout);
        admitted.map_err(|seconds| Refusal::LockedOut { seconds })
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
            LoginCandidate::User(user, hash) => {
                self.passwords.verify(&hash, password).then_some(LoginCandidate::User(user, hash))
            }
            LoginCandidate::Admin(admin, given) => {
                let hash = match given {
                    AdminPassword::Hashed(hash) => hash,
                    AdminPassword::Given(given) => self.passwords.hash(&given, salt),
                };
                let right = self.passwords.verify(&hash, password);
                right.then_some(LoginCandidate::Admin(admin, AdminPassword::Hashed(hash)))
            }
        });
        let real = self.time.now();
        let issue = {
            let mut state = self.write();
            match found.ok_or(Refusal::WrongLogin)? {
                LoginCandidate::User(user, hash) => {
                    let address = state.users.locate(user).ok_or(Refusal::WrongLogin)?;
                    // The password may have been changed while it was checked.
                    let unchanged = state.users.at(address).and_then(|user| user.password()) == Some(&hash);
                    if !unchanged {
                        return Err(Refusal::WrongLogin);
                    }
                    state.sign_user_in(address, None, real, number)?
                }
                LoginCandidate::Admin(admin, password) => state.sign_admin_in(admin, password, real, number)?,
            }
        };
        Ok(issue.sign())
    }
}

impl State {
    fn candidates(&self, instance: Option<InstanceId>, login: &Login) -> Vec<LoginCandidate> {
        let mut candidates = Vec::new();
        if let Login::Email(email) = login
            && let Some(admin) = self.admins.with_email(email)
        {
            candidates.push(LoginCandidate::Admin(admin.id, admin.password.clone()));
        }
        // Only users of an instance with the product UBI have logins [S].
        let instance = instance.filter(|id| self.instances.has_ubi(*id));
        let user = instance.and_then(|instance| self.users.with_login(instance, login));
        if let Some((user, hash)) = user.and_then(|user| Some((user, user.password()?))) {
            candidates.push(LoginCandidate::User(user.device_token, hash.clone()));
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
        let (at, settings) = (self.now(scope, real), self.settings_of(scope));
        let credentials = self.users.credentials_at(address).ok_or(Refusal::WrongLogin)?;
        if settings.login_revokes_access_tokens {
            credentials.expire_access_tokens();
        }
        let pair = credentials.start_family(Occasion { at, request }, settings.login_lifetimes());
        self.issue_to(address, id, pair, at).ok_or(Refusal::WrongLogin)
    }

    /// The tokens of `pair` for the user at `address`.
    pub(super) fn issue_to(&self, address: Address, instance: InstanceId, pair: Pair, now: Timestamp) -> Option<Issue> {
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
        let (at, settings) = (self.now(scope, real), self.settings_of(scope));
        let admin = self.admins.get_mut(id).ok_or(Refusal::WrongLogin)?;
        admin.password = password;
        if settings.login_revokes_access_tokens {
            admin.credentials.expire_access_tokens();
        }
        let pair = admin.credentials.start_family(Occasion { at, request }, settings.login_lifetimes());
        Ok(Issue::for_admin(&self.keys, admin, pair, at))
    }
}
