//! `GET` and `PATCH /__mock/settings`: the settings of the server or of an instance.

use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::{ControlError, ControlRequest, ControlResult};
use crate::http::{Response, answer};
use crate::service::settings::RefreshRejected;
use crate::service::time::{Period, Timestamp};
use crate::service::tokens::{DEFAULT_GRACE, Rotation};
use crate::service::{Overrides, Settings, Sunset};

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum RotationName {
    Strict,
    Grace,
    Reuse,
    Off,
}

/// A change of settings. A field that is absent keeps its value.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsChangeJson {
    registration_token_seconds: Option<u32>,
    login_token_seconds: Option<u32>,
    refresh_token_seconds: Option<u32>,
    clock_skew_seconds: Option<u32>,
    rotation: Option<RotationName>,
    grace_seconds: Option<u32>,
    login_lockout: Option<bool>,
    refresh_rejected_status: Option<u16>,
    // `null` is a value here: no sunset.
    #[serde(default, deserialize_with = "present")]
    device_token_sunset: Option<Option<String>>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl SettingsChangeJson {
    /// The settings in the service's own types, where `current` is in force; `prefix` stands before the name of a field that
    /// is wrong. A grace period counts only with the rotation `grace`, so that what was shown can be given back.
    ///
    /// # Errors
    ///
    /// `400`: a field cannot be what it says.
    pub fn overrides(self, current: Rotation, prefix: &str) -> Result<Overrides, ControlError> {
        let field = |name: &str| format!("{prefix}{name}");
        let grace = self.grace_seconds.map(Period::from_seconds);
        let rotation = match (self.rotation, grace, current) {
            (Some(RotationName::Strict), _, _) => Some(Rotation::Strict),
            (Some(RotationName::Reuse), _, _) => Some(Rotation::Reuse),
            (Some(RotationName::Off), _, _) => Some(Rotation::Off),
            (Some(RotationName::Grace), grace, _) => Some(Rotation::Grace(grace.unwrap_or(DEFAULT_GRACE))),
            (None, None, _) => None,
            (None, Some(grace), Rotation::Grace(_)) => Some(Rotation::Grace(grace)),
            (None, Some(_), Rotation::Strict | Rotation::Reuse | Rotation::Off) => {
                return Err(ControlError::bad_field(field("graceSeconds"), "counts only with \"rotation\": \"grace\""));
            }
        };
        let rejected = self.refresh_rejected_status.map(RefreshRejected::try_from).transpose();
        let sunset = match self.device_token_sunset {
            None => None,
            Some(None) => Some(Sunset::Never),
            Some(Some(text)) => {
                let at: Timestamp = text.parse().map_err(ControlError::time(&field("deviceTokenSunset")))?;
                Some(Sunset::From(at))
            }
        };
        Ok(Overrides {
            registration_token: self.registration_token_seconds.map(Period::from_seconds),
            login_token: self.login_token_seconds.map(Period::from_seconds),
            refresh_token: self.refresh_token_seconds.map(Period::from_seconds),
            clock_skew: self.clock_skew_seconds.map(Period::from_seconds),
            rotation,
            refresh_rejected: rejected
                .map_err(|error| ControlError::bad_field(field("refreshRejectedStatus"), error.to_string()))?,
            login_lockout: self.login_lockout,
            device_token_sunset: sunset,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsJson {
    registration_token_seconds: u32,
    login_token_seconds: u32,
    refresh_token_seconds: u32,
    clock_skew_seconds: u32,
    rotation: RotationName,
    grace_seconds: u32,
    login_lockout: bool,
    refresh_rejected_status: u16,
    device_token_sunset: Option<String>,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    Ok(shown(&request.controls()?.settings()))
}

pub fn change(request: &ControlRequest) -> ControlResult {
    let controls = request.controls()?;
    let overrides = request.json::<SettingsChangeJson>()?.overrides(controls.settings().rotation, "")?;
    Ok(shown(&controls.change_settings(overrides)))
}

fn shown(settings: &Settings) -> Response {
    let (rotation, grace) = match settings.rotation {
        Rotation::Strict => (RotationName::Strict, DEFAULT_GRACE),
        Rotation::Grace(grace) => (RotationName::Grace, grace),
        Rotation::Reuse => (RotationName::Reuse, DEFAULT_GRACE),
        Rotation::Off => (RotationName::Off, DEFAULT_GRACE),
    };
    let json = SettingsJson {
        registration_token_seconds: settings.registration_token.seconds_rounded_up(),
        login_token_seconds: settings.login_token.seconds_rounded_up(),
        refresh_token_seconds: settings.refresh_token.seconds_rounded_up(),
        clock_skew_seconds: settings.clock_skew.seconds_rounded_up(),
        rotation,
        grace_seconds: grace.seconds_rounded_up(),
        login_lockout: settings.login_lockout,
        refresh_rejected_status: settings.refresh_rejected.into(),
        device_token_sunset: settings.device_token_sunset.map(|at| at.to_string()),
    };
    answer::json(StatusCode::OK, &json)
}
