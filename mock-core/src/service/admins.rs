//! Admins, who manage users.

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::credentials::Credentials;
use super::ids::{AdminId, InstanceId};
use super::map::Map;
use super::passwords::PasswordHash;
use super::refresh_token::Owner;
use super::scope::Scope;
use crate::ordering::sort_by_number;

/// An admin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Admin {
    /// The id.
    pub id: AdminId,
    /// The login, in lower case.
    pub email: Box<str>,
    /// The password.
    pub password: AdminPassword,
    /// The users that the admin manages.
    pub scope: AdminScope,
    /// The tokens.
    pub credentials: Credentials,
}

/// The password of an admin. The configuration contains it in clear text, and it is hashed at the first login, so that a server
/// with many instances, each with an admin, starts at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AdminPassword {
    /// No login has used it yet.
    Given(Secret),
    /// A login has used it.
    Hashed(PasswordHash),
}

/// The users that an admin manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminScope {
    /// The users of every instance.
    Everything,
    /// The users of these instances.
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

    /// Whether it includes the users of this instance.
    #[must_use]
    pub fn includes(&self, instance: InstanceId) -> bool {
        match self {
            Self::Everything => true,
            Self::Instances(instances) => instances.contains(&instance),
        }
    }
}

/// The data of an admin that is added.
#[derive(Clone, Debug)]
pub struct NewAdmin {
    /// The login.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// The users that the admin manages.
    pub scope: AdminScope,
}

impl NewAdmin {
    /// The well-known admin of every new server.
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
    /// The owner of the admin's refresh tokens.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner { id: *self.id.as_bytes(), incarnation: self.credentials.incarnation() }
    }
}

/// Another admin has this login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there already is an admin with the login '{0}'")]
pub struct AdminTaken(String);

/// The admins of a server.
#[derive(Clone, Debug, Default)]
pub struct Admins {
    by_id: Map<AdminId, Admin>,
    by_email: Map<Box<str>, AdminId>,
}

impl Admins {
    /// Adds an admin.
    ///
    /// # Errors
    ///
    /// Another admin has this login.
    pub fn add(&mut self, new: NewAdmin, id: AdminId, incarnation: u64) -> Result<(), AdminTaken> {
        let email = new.email.trim().to_lowercase();
        if self.by_email.contains_key(email.as_str()) {
            return Err(AdminTaken(email));
        }
        self.insert(Admin {
            id,
            email: email.into(),
            password: AdminPassword::Given(new.password),
            scope: new.scope,
            credentials: Credentials::new(incarnation),
        });
        Ok(())
    }

    fn insert(&mut self, admin: Admin) {
        self.by_email.insert(admin.email.clone(), admin.id);
        self.by_id.insert(admin.id, admin);
    }

    /// Removes the admins of an instance: those who manage nothing else.
    pub fn remove_of(&mut self, instance: InstanceId) {
        let goes = |admin: &Admin| admin.scope == AdminScope::Instances(vec![instance]);
        self.by_email.retain(|_, id| self.by_id.get(id).is_some_and(|admin| !goes(admin)));
        self.by_id.retain(|_, admin| !goes(admin));
    }

    /// The admin with this id.
    #[must_use]
    pub fn get(&self, id: AdminId) -> Option<&Admin> {
        self.by_id.get(&id)
    }

    /// The admin with this id, to change it.
    pub fn get_mut(&mut self, id: AdminId) -> Option<&mut Admin> {
        self.by_id.get_mut(&id)
    }

    /// The admin with this login, which must be in lower case.
    #[must_use]
    pub fn with_email(&self, email: &str) -> Option<&Admin> {
        self.by_id.get(self.by_email.get(email)?)
    }

    /// Every admin, in the order of their ids.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Admin> {
        let mut admins: Vec<_> = self.by_id.values().cloned().collect();
        sort_by_number(&mut admins, |admin| admin.id.as_u128());
        admins
    }
}

impl FromIterator<Admin> for Admins {
    fn from_iter<I: IntoIterator<Item = Admin>>(admins: I) -> Self {
        let mut all = Self::default();
        admins.into_iter().for_each(|admin| all.insert(admin));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_belongs_to_one_admin() {
        let mut admins = Admins::default();
        let new = |email: &str| NewAdmin { email: email.to_owned(), ..NewAdmin::well_known() };
        assert_eq!(admins.add(new(" Ada@Example.com "), AdminId::from_u128(1), 1), Ok(()));
        let taken = admins.add(new("ada@example.COM"), AdminId::from_u128(2), 2);
        assert_eq!(taken, Err(AdminTaken("ada@example.com".to_owned())));
        assert_eq!(admins.with_email("ada@example.com").map(|admin| admin.id), Some(AdminId::from_u128(1)));
        assert!(admins.get(AdminId::from_u128(2)).is_none());
    }
}
