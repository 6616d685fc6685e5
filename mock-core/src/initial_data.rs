//! Initial data: the instances, admins and users that exist when a server starts.

use serde::Deserialize;
use serde_json::{Map, Value};
use telematics_contract::Secret;
use telematics_contract::accounts::AccountStatus;
use telematics_contract::user::Gender;

use crate::service::admins::{AdminScope, NewAdmin};
use crate::service::ids::DeviceToken;
use crate::service::instances::{NewInstance, Ownership};
use crate::service::{
    AccessTokenState, Overrides, RefreshTokenState, Scope, UserFixture, UserProfileFixture, UserService, UserState,
};
use crate::strict_json::{WrongJson, read_value};

/// The instances, admins and users that exist when a server starts, beside the well-known ones.
///
/// The keys are those of the configuration file.
#[derive(Clone, Default, Deserialize)]
pub struct InitialData {
    /// Instances.
    #[serde(default)]
    instances: Vec<Instance>,
    /// Admins.
    #[serde(default)]
    admins: Vec<Admin>,
    /// Users.
    #[serde(default)]
    users: Vec<User>,
    /// Users of a file of their own.
    #[serde(skip)]
    imported: Vec<ImportedUser>,
}

/// A product of an instance.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Product {
    /// UBI, whose users log in with a password \[S\].
    #[serde(rename = "UBI")]
    Ubi,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Instance {
    id: String,
    key: Secret,
    /// The options of a program have the spelling of JavaScript.
    #[serde(alias = "inviteCode")]
    invite_code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    products: Vec<Product>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Admin {
    email: String,
    password: Secret,
    /// The ids of the instances whose users the admin sees; all instances by default.
    #[serde(default)]
    instances: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct User {
    /// The invite code of the user's instance.
    invite_code: String,
    #[serde(default)]
    state: UserState,
    #[serde(default = "no_access_token")]
    access_token: AccessTokenState,
    #[serde(default = "no_refresh_token")]
    refresh_token: RefreshTokenState,
    count: Option<u32>,
    device_token: Option<DeviceToken>,
    first_name: Option<String>,
    last_name: Option<String>,
    nickname: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    gender: Option<Gender>,
    birthday: Option<String>,
    marital_status: Option<String>,
    children_count: Option<u32>,
    country: Option<String>,
    district: Option<String>,
    city: Option<String>,
    address: Option<String>,
    image_url: Option<String>,
    password: Option<Secret>,
    client_id: Option<String>,
    enable_tracking: Option<bool>,
    enable_logging: Option<bool>,
    enable_real_time_location: Option<bool>,
    enabled: Option<bool>,
}

// Nobody gets the tokens of a user that a file adds, so there are none by default.
const fn no_access_token() -> AccessTokenState {
    AccessTokenState::None
}

const fn no_refresh_token() -> RefreshTokenState {
    RefreshTokenState::None
}

/// A user of a file, as `POST /__mock/users` describes one, with the invite code of the instance.
#[derive(Clone)]
pub struct ImportedUser {
    /// The place of the user, for errors: the file, and the line or the number of the user.
    origin: String,
    /// The invite code of the user's instance; the Demo instance if it is absent.
    invite_code: Option<String>,
    fixture: UserFixture,
}

impl ImportedUser {
    /// Reads a user. `origin` is the place of the user, for errors.
    ///
    /// # Errors
    ///
    /// A field is unknown or invalid. The error contains the origin and the field, and never the value.
    pub fn read(origin: String, mut user: Map<String, Value>) -> Result<Self, InvalidInitialData> {
        let invite_code = match user.remove("inviteCode") {
            None | Some(Value::Null) => None,
            Some(Value::String(code)) => Some(code),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(InvalidInitialData(format!("{origin}: inviteCode must be a string")));
            }
        };
        for token in ["accessToken", "refreshToken"] {
            user.entry(token).or_insert("none".into());
        }
        let fixture = read_value(Value::Object(user).into()).map_err(|WrongJson { field, reason }| {
            let field = field.map(|field| format!("{field} ")).unwrap_or_default();
            InvalidInitialData(format!("{origin}: {field}{reason}"))
        })?;
        Ok(Self { origin, invite_code, fixture })
    }
}

/// Initial data that cannot be loaded: a sentence that names the instance, admin or user, without a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidInitialData(String);

impl InitialData {
    /// The keys of a configuration file that are not options.
    pub const KEYS: [&str; 3] = ["instances", "admins", "users"];

    /// The instances: the id, the key, the invite code and the name of each.
    pub fn instances(&self) -> impl Iterator<Item = (&str, &Secret, &str, &str)> {
        self.instances.iter().map(|it| (&*it.id, &it.key, &*it.invite_code, &*it.name))
    }

    /// The instances and admins that a service lacks. Users are not among them: a test may have deleted them.
    #[must_use]
    pub fn missing_in(mut self, service: &UserService) -> Self {
        self.instances.retain(|instance| instance.id.parse().is_ok_and(|id| service.scope(id).is_err()));
        self.admins.retain(|admin| !service.has_admin(&admin.email));
        self.users.clear();
        self.imported.clear();
        self
    }

    /// Adds the users of a file, after those that are there already.
    pub fn import(&mut self, users: Vec<ImportedUser>) {
        self.imported.extend(users);
    }

    /// Adds everything to a fresh service.
    ///
    /// # Errors
    ///
    /// The first instance, admin or user that cannot be added.
    pub fn load_into(self, service: &UserService) -> Result<(), InvalidInitialData> {
        let wrong = |what: String| move |why: &dyn std::fmt::Display| InvalidInitialData(format!("{what}: {why}"));
        for Instance { id, key, invite_code, name, products } in self.instances {
            let wrong = wrong(format!("instance '{id}'"));
            service
                .add_instance(NewInstance {
                    id: id.parse().map_err(|_| wrong(&"the id is not a valid UUID"))?,
                    key: key.expose().parse().map_err(|_| wrong(&"the key is not a valid UUID"))?,
                    invite_code: invite_code.into(),
                    name: name.into(),
                    description: None,
                    status: AccountStatus::Active,
                    has_ubi: products.contains(&Product::Ubi),
                    ownership: Ownership::demo(),
                    settings: Overrides::default(),
                })
                .map_err(|error| wrong(&error))?;
        }
        for Admin { email, password, instances } in self.admins {
            let wrong = wrong(format!("admin '{email}'"));
            let ids: Result<Vec<_>, _> = instances.iter().map(|id| id.parse()).collect();
            let ids = ids.map_err(|_| wrong(&"the id of an instance is not a valid UUID"))?;
            let scope = if ids.is_empty() { AdminScope::Everything } else { AdminScope::Instances(ids) };
            service.add_admin(NewAdmin { email, password, scope }).map_err(|error| wrong(&error))?;
        }
        let configured = self.users.into_iter().enumerate().map(|(index, user)| ImportedUser {
            origin: format!("user {}", index + 1),
            invite_code: Some(user.invite_code.clone()),
            fixture: user.into(),
        });
        for ImportedUser { origin, invite_code, fixture } in configured.chain(self.imported) {
            let wrong = wrong(origin);
            let scope = match invite_code {
                None => Scope::Server,
                Some(code) => service.scope_of_invite_code(&code).map_err(|refusal| wrong(&refusal))?,
            };
            service.add_users(scope, fixture).map_err(|error| wrong(&error))?;
        }
        Ok(())
    }
}

impl From<User> for UserFixture {
    fn from(user: User) -> Self {
        Self {
            state: user.state,
            access_token: user.access_token,
            refresh_token: user.refresh_token,
            count: user.count,
            device_token: user.device_token,
            client_id: user.client_id,
            enable_tracking: user.enable_tracking,
            enable_logging: user.enable_logging,
            enable_real_time_location: user.enable_real_time_location,
            enabled: user.enabled,
            password: user.password,
            profile: UserProfileFixture {
                first_name: user.first_name,
                last_name: user.last_name,
                nickname: user.nickname,
                phone: user.phone,
                email: user.email,
                gender: user.gender,
                birthday: user.birthday,
                marital_status: user.marital_status,
                children_count: user.children_count,
                country: user.country,
                district: user.district,
                city: user.city,
                address: user.address,
                image_url: user.image_url,
            },
        }
    }
}
