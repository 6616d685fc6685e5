//! The instances and the admin that exist from the start, with their credentials.

use std::fmt;

use serde::Serialize;

use crate::initial_data::InitialData;
use crate::service::admins::{DEMO_ADMIN_EMAIL, DEMO_ADMIN_PASSWORD};
use crate::service::instances::NewInstance;

/// The instances and the admin that exist from the start. In JSON they are the credentials of the ready line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identities {
    /// The instance Demo.
    pub instance: InstanceCredentials,
    /// The instance Demo UBI, whose users log in with a password.
    pub ubi_instance: InstanceCredentials,
    /// The admin of both.
    pub admin: AdminCredentials,
    /// The instances of the initial data.
    pub configured_instances: Vec<InstanceCredentials>,
}

/// The credentials of an instance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceCredentials {
    /// The name; empty for a well-known instance.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The id.
    pub instance_id: String,
    /// The key, which is a secret.
    pub instance_key: String,
    /// The code that registers into the instance.
    pub invite_code: String,
}

/// The credentials of the admin.
#[derive(Serialize)]
pub struct AdminCredentials {
    /// The e-mail address.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
}

impl Identities {
    /// The well-known identities, and those of the initial data.
    #[must_use]
    pub fn with(initial_data: &InitialData) -> Self {
        let [instance, ubi_instance] = NewInstance::well_known().map(|instance| InstanceCredentials {
            name: String::new(),
            instance_id: instance.id.to_string(),
            instance_key: instance.key.expose(),
            invite_code: instance.invite_code.into(),
        });
        let configured = initial_data.instances().map(|(id, key, invite_code, name)| InstanceCredentials {
            name: name.to_owned(),
            instance_id: id.to_owned(),
            instance_key: key.expose().to_owned(),
            invite_code: invite_code.to_owned(),
        });
        Self {
            instance,
            ubi_instance,
            admin: AdminCredentials { email: DEMO_ADMIN_EMAIL, password: DEMO_ADMIN_PASSWORD },
            configured_instances: configured.collect(),
        }
    }
}

impl fmt::Debug for InstanceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceCredentials(…)")
    }
}

impl fmt::Debug for AdminCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminCredentials(…)")
    }
}
