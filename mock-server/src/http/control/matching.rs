//! `match` in control requests.

use serde::Deserialize;

use super::ControlError;
use crate::control::matching::{Match, PathPattern};

/// Which requests are meant.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// The method, in any letter case.
    method: Option<String>,
    /// The path; `*` stands for anything.
    path: Option<String>,
    /// The status that was answered.
    status: Option<u16>,
    /// The user.
    device_token: Option<String>,
}

impl Wanted {
    /// The match; a status makes sense only once there is an answer.
    ///
    /// # Errors
    ///
    /// `400`: a criterion cannot be what it says.
    pub fn matching(self, answered: bool) -> Result<Match, ControlError> {
        if self.status.is_some() && !answered {
            return Err(ControlError::bad_field("match.status", "a request has no status before it is answered"));
        }
        let device_token = match self.device_token {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| ControlError::bad_field("match.deviceToken", "no UUID"))?),
        };
        Ok(Match { method: self.method, path: self.path.map(PathPattern::new), status: self.status, device_token })
    }
}
