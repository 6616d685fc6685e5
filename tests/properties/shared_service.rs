//! The real service without HTTP, beside the model: each action is applied to both, and both outcomes are compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use telematics_contract::Secret;
use telematics_contract::auth::{LoginFields, LoginRequest, RefreshRequest, TokensResponse};
use telematics_contract::registration::RegisterRequest;
use telematics_contract::user::{UpdateUserRequest, UserFields, WrittenStatus};
use telematics_contract_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, DEMO, NEW_YEAR_SECONDS};
use telematics_mock_core::service::clock::TimeSource;
use telematics_mock_core::service::random::Seed;
use telematics_mock_core::service::rotation;
use telematics_mock_core::service::time::{Period, Timestamp};
use telematics_mock_core::service::{
    AdminCaller, Caller, InstanceHeaders, LoginHeaders, PresentedCredentials, Refusal, Scope, Settings, Start, Target,
    TokenKind, UserService,
};

use crate::model::{self, Kind, Model, Outcome, Rotation, Status, UserChange};

/// A service that many sequences share; each of them has its own users.
pub struct SharedService {
    service: UserService,
    time: Arc<ManualTime>,
    admin: AdminCaller,
    rotation: Rotation,
}

/// A time that a test moves, in seconds since 1970.
struct ManualTime(AtomicI64);

impl TimeSource for ManualTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// The tokens of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairTokens {
    pub access: String,
    pub refresh: String,
}

/// A sequence of actions: its model, and the tokens that the service issued.
pub struct Sequence<'a> {
    shared: &'a SharedService,
    pub model: Model,
    devices: Vec<String>,
    pub pairs: Vec<PairTokens>,
}

fn seconds(seconds: u64) -> Period {
    Period::from_seconds(u32::try_from(seconds).expect("a period in range"))
}

impl SharedService {
    pub fn new(rotation: Rotation) -> Self {
        let settings = Settings {
            registration_token: seconds(model::REGISTRATION_TOKEN),
            login_token: seconds(model::LOGIN_TOKEN),
            refresh_token: seconds(model::REFRESH_TOKEN),
            rotation: match rotation {
                Rotation::Strict => rotation::Rotation::Strict,
                Rotation::Grace => rotation::Rotation::Grace(seconds(model::GRACE)),
                Rotation::Reuse => rotation::Rotation::Reuse,
                Rotation::Off => rotation::Rotation::Off,
                Rotation::HydraGrace => rotation::Rotation::HydraGrace(seconds(model::GRACE)),
                Rotation::Supabase => rotation::Rotation::Supabase(seconds(model::GRACE)),
                Rotation::Keycloak => rotation::Rotation::Keycloak,
            },
            ..Settings::default()
        };
        let time = Arc::new(ManualTime(AtomicI64::new(NEW_YEAR_SECONDS)));
        let start = Start { settings, seed: Seed::from_number(7), time: Box::new(Arc::clone(&time)), clock: None };
        let service = UserService::new(start);
        let login = LoginRequest {
            login_fields: LoginFields { email: Some(ADMIN_EMAIL.to_owned()), ..LoginFields::default() },
            password: ADMIN_PASSWORD.into(),
        };
        let token = service.login(&LoginHeaders::default(), &login, None).expect("the admin logs in").access_token;
        let presented =
            PresentedCredentials { access_token: token.map(|token| token.token), ..PresentedCredentials::default() };
        let Ok(Caller::Admin(admin)) = service.authenticate(&presented).map(|asked| asked.caller) else {
            panic!("the login is not an admin's")
        };
        Self { service, time, admin, rotation }
    }

    pub const fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// Starts a sequence without users.
    pub fn sequence(&self) -> Sequence<'_> {
        Sequence { shared: self, model: Model::new(self.rotation), devices: Vec::new(), pairs: Vec::new() }
    }

    fn exchange(&self, access: &str, refresh: &str) -> Result<TokensResponse, Refusal> {
        let request = RefreshRequest { access_token: access.into(), refresh_token: refresh.into() };
        let token = self.service.open(request.access_token.expose());
        self.service.refresh(&InstanceHeaders::default(), token, &request.refresh_token, None)
    }

    /// A refresh without the model, for simultaneous refreshes.
    pub fn refresh(&self, access: &str, refresh: &str) -> Option<PairTokens> {
        self.exchange(access, refresh).ok().map(|response| pair_tokens(&response).expect("a refresh gives tokens"))
    }

    fn caller(&self, access: &str) -> Result<Caller, Refusal> {
        let presented = PresentedCredentials { access_token: Some(access.into()), ..PresentedCredentials::default() };
        self.service.authenticate(&presented).map(|asked| asked.caller)
    }
}

fn pair_tokens(response: &TokensResponse) -> Option<PairTokens> {
    let access = response.access_token.as_ref()?.token.expose().to_owned();
    Some(PairTokens { access, refresh: response.refresh_token.as_ref().map(Secret::expose)?.to_owned() })
}

/// The status of the refusal over HTTP.
fn status(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::Invalid(_) => 422,
        Refusal::AccessToken(_) | Refusal::WrongLogin | Refusal::WrongInstance | Refusal::RefreshToken { .. } => 401,
        Refusal::Deactivated | Refusal::NotAnAdmin | Refusal::NotAUser | Refusal::NotPermitted => 403,
        Refusal::LockedOut { .. } => 429,
        Refusal::NotFound(_) => 404,
    }
}

fn done(result: Result<(), Refusal>) -> Outcome {
    result.map_or_else(|refusal| Outcome::Refused(status(&refusal)), |()| Outcome::Done)
}

fn update(change: UserChange) -> UpdateUserRequest {
    match change {
        UserChange::Status(status) => {
            let status = match status {
                Status::Active => WrittenStatus::Active,
                Status::Deactivated => WrittenStatus::Deactivated,
                Status::Deleted => WrittenStatus::Deleted,
            };
            UpdateUserRequest { status: Some(status), ..UpdateUserRequest::default() }
        }
        UserChange::Enabled(enabled) => {
            let fields = UserFields { enabled: Some(enabled), ..UserFields::default() };
            UpdateUserRequest { user_fields: Some(fields), ..UpdateUserRequest::default() }
        }
    }
}

impl Sequence<'_> {
    pub const fn devices(&self) -> usize {
        self.devices.len()
    }

    pub fn advance(&mut self, seconds: u64) {
        self.model.now += seconds;
        self.shared.time.0.fetch_add(i64::try_from(seconds).expect("a period in range"), Ordering::SeqCst);
    }

    /// The outcome of a call that returns tokens; remembers new tokens.
    fn outcome(&mut self, result: Result<TokensResponse, Refusal>) -> Outcome {
        let response = match result {
            Ok(response) => response,
            Err(refusal) => return Outcome::Refused(status(&refusal)),
        };
        let Some(pair) = pair_tokens(&response) else { return Outcome::NoPair };
        if let Some(same) = self.pairs.iter().position(|known| *known == pair) {
            return Outcome::SamePair(same);
        }
        assert!(self.pairs.iter().all(|known| known.access != pair.access), "an access token was issued twice");
        self.pairs.push(pair);
        Outcome::NewPair
    }

    /// Registers a user with a new DeviceToken, or with one that another user has or had.
    pub fn register(&mut self, device: Option<usize>, with_tokens: bool) -> (Outcome, Outcome) {
        let custom_token = device.map(|device| self.devices[device].clone());
        let request = RegisterRequest {
            instance_invite_code: Some(DEMO.invite_code.to_owned()),
            create_access_token: Some(with_tokens),
            custom_token,
            ..RegisterRequest::default()
        };
        let result = self.shared.service.register(&InstanceHeaders::default(), request, None);
        let number = device.unwrap_or(self.devices.len());
        if let (Ok(response), None) = (&result, device) {
            self.devices.push(response.device_token.clone().expect("a user has a DeviceToken"));
        }
        (self.outcome(result), self.model.register(number, with_tokens))
    }

    pub fn login(&mut self, device: usize, with_right_key: bool) -> (Outcome, Outcome) {
        let fields = LoginFields { device_token: Some(self.devices[device].clone()), ..LoginFields::default() };
        let key = if with_right_key { DEMO.key } else { DEMO.id };
        let headers = LoginHeaders { instance_id: Some(DEMO.id.to_owned()), ..LoginHeaders::default() };
        let result =
            self.shared.service.login(&headers, &LoginRequest { login_fields: fields, password: key.into() }, None);
        (self.outcome(result), self.model.login(device, with_right_key))
    }

    pub fn refresh(&mut self, access: usize, refresh: usize) -> (Outcome, Outcome) {
        let result = self.shared.exchange(&self.pairs[access].access, &self.pairs[refresh].refresh);
        (self.outcome(result), self.model.refresh(access, refresh))
    }

    pub fn call(&self, pair: usize) -> (Outcome, Outcome) {
        let outcome = match self.shared.caller(&self.pairs[pair].access) {
            Err(refusal) => Outcome::Refused(status(&refusal)),
            Ok(Caller::Admin(_)) => panic!("a user's token opened as an admin's"),
            Ok(Caller::User(user)) => {
                let device = &self.devices[self.model.device_of(pair)];
                assert_eq!(&user.device_token.to_string(), device, "the JWT belongs to another user");
                Outcome::Done
            }
        };
        (outcome, self.model.call(pair))
    }

    pub fn update(&mut self, pair: usize, change: UserChange) -> (Outcome, Outcome) {
        let result = self
            .shared
            .caller(&self.pairs[pair].access)
            .and_then(|caller| self.shared.service.update_user(Target::new(caller, None)?, update(change)));
        (done(result), self.model.update(pair, change))
    }

    pub fn manage(&mut self, device: usize, change: UserChange) -> (Outcome, Outcome) {
        let target = Target::new(Caller::Admin(self.shared.admin), Some(&self.devices[device]));
        let result = target.and_then(|target| self.shared.service.update_user(target, update(change)));
        (done(result), self.model.manage(device, change))
    }

    pub fn delete(&mut self, device: usize) -> (Outcome, Outcome) {
        let result = self.shared.service.delete_user(self.shared.admin, &self.devices[device]);
        (done(result), self.model.delete(device))
    }

    pub fn expire(&mut self, device: usize, kind: Kind) -> (Outcome, Outcome) {
        let which = match kind {
            Kind::Access => TokenKind::Access,
            Kind::Refresh => TokenKind::Refresh,
            Kind::All => TokenKind::All,
        };
        let device_token = self.devices[device].parse().expect("a DeviceToken is a UUID");
        let result = self.shared.service.expire_tokens(Scope::Server, device_token, which);
        (result.map_or(Outcome::Refused(404), |_| Outcome::Done), self.model.expire(device, kind))
    }
}
