//! Initial data: the instances, admins and users that exist when a server starts.

use serde::Deserialize;
use telematics_contract::Secret;
use telematics_contract::registration::RegisterRequest;
use telematics_contract::user::UserFields;

use crate::service::UserService;
use crate::service::admins::{AdminScope, NewAdmin};
use crate::service::instances::{InstanceHeaders, NewInstance, Ownership};

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
    device_token: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    nickname: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    password: Option<Secret>,
    client_id: Option<String>,
    enable_tracking: Option<bool>,
    enable_logging: Option<bool>,
    enable_real_time_location: Option<bool>,
    enabled: Option<bool>,
}

/// Initial data that cannot be loaded: a sentence that names the instance, admin or user, without a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidInitialData(String);

impl InitialData {
    /// The keys of a configuration file that are not options.
    pub const KEYS: [&str; 3] = ["instances", "admins", "users"];

    /// The instances and admins that a service lacks. Users are not among them: a test may have deleted them.
    #[must_use]
    pub fn missing_in(mut self, service: &UserService) -> Self {
        self.instances.retain(|instance| instance.id.parse().is_ok_and(|id| service.scope(id).is_err()));
        self.admins.retain(|admin| !service.has_admin(&admin.email));
        self.users.clear();
        self
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
                    has_ubi: products.contains(&Product::Ubi),
                    ownership: Ownership::demo(),
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
        for (index, user) in self.users.into_iter().enumerate() {
            let wrong = wrong(format!("user {}", index + 1));
            service.register(&InstanceHeaders::default(), user.into(), None).map_err(|refusal| wrong(&refusal))?;
        }
        Ok(())
    }
}

impl From<User> for RegisterRequest {
    fn from(user: User) -> Self {
        Self {
            instance_invite_code: Some(user.invite_code),
            custom_token: user.device_token,
            first_name: user.first_name,
            last_name: user.last_name,
            nickname: user.nickname,
            phone: user.phone,
            email: user.email,
            password: user.password,
            create_access_token: Some(false),
            user_fields: Some(UserFields {
                client_id: user.client_id,
                enable_tracking: user.enable_tracking,
                enable_logging: user.enable_logging,
                enable_real_time_location: user.enable_real_time_location,
                enabled: user.enabled,
            }),
            ..Self::default()
        }
    }
}
