//! The creation of an instance for a test.

use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::accounts::AccountStatus;

use super::UserService;
use super::admins::{AdminScope, NewAdmin};
use super::ids::{InstanceId, InstanceKey};
use super::instances::{Instance, MAX_INSTANCES, NewInstance, Ownership};
use super::passwords;
use super::settings::{InvalidSettings, Overrides};

/// The data of a new instance and of its admin.
#[derive(Clone, Debug)]
pub struct CreatedInstance {
    /// The instance.
    pub instance: NewInstance,
    /// The login of its admin.
    pub admin_email: String,
    /// The password of its admin.
    pub admin_password: Secret,
}

/// An instance cannot be created; nothing was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateInstanceError {
    /// The settings are invalid.
    #[error("{0}")]
    Settings(#[from] InvalidSettings),
    /// The server has [`MAX_INSTANCES`] instances.
    #[error("The server has {MAX_INSTANCES} instances already; remove those that are no longer needed.")]
    TooMany,
}

impl UserService {
    /// Creates an instance, and an admin who manages only its users.
    ///
    /// # Errors
    ///
    /// See [`CreateInstanceError`]; nothing was created.
    pub fn create_instance(
        &self,
        name: Option<String>,
        has_ubi: bool,
        overrides: Overrides,
    ) -> Result<CreatedInstance, CreateInstanceError> {
        let mut state = self.write();
        if state.instances.count() >= MAX_INSTANCES {
            return Err(CreateInstanceError::TooMany);
        }
        let overrides = overrides.checked(state.settings.rotation)?;
        let id = InstanceId::from_random(state.random.bytes());
        let code = passwords::generated(state.random.bytes()).expose().to_ascii_uppercase();
        let new = NewInstance {
            id,
            key: InstanceKey::from_random(state.random.bytes()),
            invite_code: code.into(),
            name: name.unwrap_or_else(|| format!("Instance {id}")).into(),
            description: None,
            status: AccountStatus::Active,
            has_ubi,
            ownership: Ownership::demo(),
            settings: overrides,
        };
        let instance = Instance::new(Arc::new(new.clone()), &state.keys.seed);
        state.instances.replace(instance);
        let admin = NewAdmin {
            email: format!("admin@{id}.example"),
            password: passwords::generated(state.random.bytes()),
            scope: AdminScope::Instances(vec![id]),
        };
        // The login contains the new id, so it is free.
        let _ = state.add_admin(admin.clone());
        Ok(CreatedInstance { instance: new, admin_email: admin.email, admin_password: admin.password })
    }
}
