//! The telematics parameters of a user.

use serde::{Deserialize, Serialize};
use telematics_contract::user::{UserFields, UserFieldsRecord};

/// Optional text. `Box<str>` takes 16 bytes where `String` takes 24; with a million users that counts.
pub type Text = Option<Box<str>>;

/// The telematics parameters of a user \[S\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telematics {
    /// Whether the SDK tracks.
    pub enable_tracking: bool,
    /// Whether the SDK logs.
    pub enable_logging: bool,
    /// Whether the SDK reports its location continuously.
    pub enable_real_time_location: bool,
    /// The master switch of the account.
    pub enabled: bool,
    /// The user's id in the integrator's system.
    pub client_id: Text,
}

impl Default for Telematics {
    fn default() -> Self {
        let UserFieldsRecord { client_id, enable_logging, enable_real_time_location, enable_tracking, enabled } =
            UserFieldsRecord::default();
        let client_id = client_id.map(Into::into);
        Self { enable_tracking, enable_logging, enable_real_time_location, enabled, client_id }
    }
}

impl Telematics {
    /// Changes the fields that are given \[V\].
    pub fn apply(&mut self, fields: UserFields) {
        let UserFields { enable_tracking, enable_logging, enable_real_time_location, enabled, client_id } = fields;
        self.enable_tracking = enable_tracking.unwrap_or(self.enable_tracking);
        self.enable_logging = enable_logging.unwrap_or(self.enable_logging);
        self.enable_real_time_location = enable_real_time_location.unwrap_or(self.enable_real_time_location);
        self.enabled = enabled.unwrap_or(self.enabled);
        if let Some(client_id) = client_id {
            self.client_id = Some(client_id.into());
        }
    }

    /// The parameters as the contract shows them.
    #[must_use]
    pub fn record(&self) -> UserFieldsRecord {
        UserFieldsRecord {
            client_id: self.client_id.as_deref().map(str::to_owned),
            enable_logging: self.enable_logging,
            enable_real_time_location: self.enable_real_time_location,
            enable_tracking: self.enable_tracking,
            enabled: self.enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telematics_parameters_start_with_the_defaults_of_the_specification() {
        let fresh = Telematics::default();
        assert!(fresh.enable_tracking && fresh.enabled);
        assert!(!fresh.enable_logging && !fresh.enable_real_time_location);
    }

    #[test]
    fn a_switch_does_not_change_the_other_switches() {
        let mut telematics = Telematics::default();
        telematics.apply(UserFields { enable_tracking: Some(false), ..Default::default() });
        assert_eq!(telematics, Telematics { enable_tracking: false, ..Telematics::default() });
    }
}
