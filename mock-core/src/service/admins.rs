//! Admins: who manages users.

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::credentials::Credentials;
use super::ids::{AdminId, InstanceId};
use super::passwords::PasswordHash;
use super::scope::Scope;
use super::tokens::Owner;

/// An admin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Admin {
    /// The id.
    pub id: AdminId,
    /// The login, in lower case.
    pub email: Box<str>,
    /// The password.
    pub password: AdminPassword,
    /// Whose users the admin sees.
    pub scope: AdminScope,
    /// The tokens.
    pub credentials: Credentials,
}

/// The password of an admin. It is given in clear at the start and hashed when it is first used, so that a server with many
/// instances, each with an admin, starts at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AdminPassword {
    /// Not used yet.
    Given(Secret),
    /// Used.
    Hashed(PasswordHash),
}

/// Whose users an admin sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminScope {
    /// Those of every instance of the configuration.
    Everything,
    /// Those of these instances.
    Instances(Vec<InstanceId>),
}

impl AdminScope {
    /// The scope whose clock and settings the admin's tokens obey: the admin's only instance, otherwise the server.
    #[must_use]
    pub fn home(&self) -> Scope {
        match self {
            Self::Instances(instances) => match instances.as_slice() {
                [only] => Scope::Instance(*only),
                [] | [_, _, ..] => Scope::Server,
            },
            Self::Everything => Scope::Server,
        }
    }

    /// Whether it holds that instance.
    #[must_use]
    pub fn holds(&self, instance: InstanceId) -> bool {
        match self {
            Self::Everything => true,
            Self::Instances(instances) => instances.contains(&instance),
        }
    }
}

/// What is said of an admin who is to be.
#[derive(Clone, Debug)]
pub struct NewAdmin {
    /// The login.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// Whose users the admin sees.
    pub scope: AdminScope,
}

impl NewAdmin {
    /// The well-known admin of every fresh server.
    #[must_use]
    pub fn well_known() -> Self {
        Self { email: DEMO_ADMIN_EMAIL.to_owned(), password: DEMO_ADMIN_PASSWORD.into(), scope: AdminScope::Everything }
    }
}

/// The login of the well-known admin.
pub const DEMO_ADMIN_EMAIL: &str = "admin@example.com";
/// The password of the well-known admin.
pub const DEMO_ADMIN_PASSWORD: &str = "admin-password";

impl Admin {
    /// Whose refresh tokens these are.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner { id: *self.id.as_bytes(), birth: self.credentials.birth() }
    }
}

/// The admins of a server; there are few of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Admins {
    admins: Vec<Admin>,
}

impl Admins {
    /// Adds an admin; `false`, and nothing happens, where the login is taken.
    pub fn add(&mut self, new: NewAdmin, id: AdminId, birth: u64) -> bool {
        let email = new.email.trim().to_lowercase();
        if self.admins.iter().any(|admin| *admin.email == *email) {
            return false;
        }
        self.admins.push(Admin {
            id,
            email: email.into(),
            password: AdminPassword::Given(new.password),
            scope: new.scope,
            credentials: Credentials::new(birth),
        });
        true
    }

    /// The admin of that id.
    #[must_use]
    pub fn get(&self, id: AdminId) -> Option<&Admin> {
        self.admins.iter().find(|admin| admin.id == id)
    }

    /// The admin of that id, to change it.
    pub fn get_mut(&mut self, id: AdminId) -> Option<&mut Admin> {
        self.admins.iter_mut().find(|admin| admin.id == id)
    }

    /// The admin with that login, which is in lower case.
    #[must_use]
    pub fn with_email(&self, email: &str) -> Option<&Admin> {
        self.admins.iter().find(|admin| *admin.email == *email)
    }
}
