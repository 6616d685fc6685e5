//! The settings of the service, each with the contract's default.
//!
//! [`Settings`] are the values in force. [`Overrides`] are changes to them, and at the same time the JSON of the control API and
//! of snapshots: its serde names are the names of the control API. A new setting is one line in `settings!` below.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use telematics_contract::auth::{LOGIN_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, REGISTRATION_TOKEN_SECONDS};

use super::credentials::Lifetimes;
use super::lockout_limits::LockoutLimits;
use super::refusal::RefreshRejected;
use super::rotation::{DEFAULT_GRACE, Rotation, RotationName};
use super::time::{Period, Timestamp, seconds};

/// Declares the settings that are one value each. Rotation is two fields in JSON and is written out below.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])* $field:ident: $value:ty = $default:expr;)+) => {
        /// The settings in force.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $field: $value,)+
            /// The treatment of a used refresh token; strict \[P\].
            pub rotation: Rotation,
        }

        /// Changes to settings; a field that is `None` changes nothing.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub struct Overrides {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                $(#[serde($($serde)+)])*
                pub $field: Option<$value>,
            )+
            /// The treatment of a used refresh token.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub rotation: Option<RotationName>,
            /// The grace period; it has an effect only with a rotation that has one.
            #[serde(rename = "graceSeconds", with = "seconds", skip_serializing_if = "Option::is_none")]
            pub grace: Option<Period>,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($field: $default,)+ rotation: Rotation::default() }
            }
        }

        impl From<Settings> for Overrides {
            fn from(settings: Settings) -> Self {
                Self {
                    $($field: Some(settings.$field),)+
                    rotation: Some(settings.rotation.name()),
                    grace: Some(settings.rotation.grace()),
                }
            }
        }

        impl Overrides {
            /// These changes, followed by newer ones.
            #[must_use]
            pub fn under(self, newer: Self) -> Self {
                let rotation = if newer.rotation.is_some() { newer } else { self };
                Self {
                    $($field: newer.$field.or(self.$field),)+
                    rotation: rotation.rotation,
                    grace: rotation.grace,
                }
            }
        }

        impl Settings {
            /// These settings with changes.
            #[must_use]
            pub fn with(self, overrides: &Overrides) -> Self {
                let grace = overrides.grace.unwrap_or(DEFAULT_GRACE);
                Self {
                    $($field: overrides.$field.unwrap_or(self.$field),)+
                    rotation: overrides.rotation.map_or(self.rotation, |name| name.with_grace(grace)),
                }
            }
        }
    };
}

settings! {
    /// Lifetime of an access token issued at registration; five days \[V\].
    #[serde(rename = "registrationTokenSeconds", with = "seconds")]
    registration_token: Period = Period::from_seconds(REGISTRATION_TOKEN_SECONDS);
    /// Lifetime of an access token issued at login and refresh; one day \[V\].
    #[serde(rename = "loginTokenSeconds", with = "seconds")]
    login_token: Period = Period::from_seconds(LOGIN_TOKEN_SECONDS);
    /// Lifetime of a refresh token; three months \[V\], taken as 90 days \[P\].
    #[serde(rename = "refreshTokenSeconds", with = "seconds")]
    refresh_token: Period = Period::from_seconds(REFRESH_TOKEN_SECONDS);
    /// Time after its `exp` during which an access token is still accepted; zero \[P\].
    #[serde(rename = "clockSkewSeconds", with = "seconds")]
    clock_skew: Period = Period::ZERO;
    /// Whether too many logins lock their address out \[V\]; off by default \[P\].
    login_lockout: bool = false;
    /// The limits of the lockout; five logins a minute, and a block of an hour \[V\].
    lockout: LockoutLimits = LockoutLimits::default();
    /// Whether a login ends the access tokens that were issued before \[V\]; off by default \[P\].
    login_revokes_access_tokens: bool = false;
    /// Whether the DeviceToken in the body of a login must be spelled `Devicetoken` \[V\]; off by default \[P\].
    strict_casing: bool = false;
    /// Whether users read and change their own records with their own access tokens \[C\]; on by default. The vendor's skills of June
    /// 2026 say that only admins do \[V\].
    user_self_service: bool = true;
    /// The status of the answer to a refresh token that is not accepted \[V, C\].
    #[serde(rename = "refreshRejectedStatus")]
    refresh_rejected: RefreshRejected = RefreshRejected::default();
    /// From this time on a device token in the headers is not accepted as authentication; never by default \[S, P\]. In JSON,
    /// `null` means never.
    #[serde(deserialize_with = "time_or_never")]
    device_token_sunset: Option<Timestamp> = None;
}

/// Reads a time as the control API accepts it; `null` means never.
fn time_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose().map(Some)
}

/// A change of settings is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// There is a grace period, and neither the change nor the settings in force have a rotation with one.
    #[error("has an effect only with a \"rotation\" that has a grace period, for example \"grace\"")]
    GraceWithoutRotation,
}

impl InvalidSettings {
    /// The JSON name of the field that the error is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::GraceWithoutRotation => "graceSeconds",
        }
    }
}

impl Overrides {
    /// Completes the rotation of a change to settings whose rotation is `current`: a grace period alone keeps the rotation, and
    /// a rotation alone keeps the grace period, or gets the default one if there is none. All other rotations ignore the grace period, so that the
    /// answer of `GET settings` can be sent back.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings::GraceWithoutRotation`].
    pub fn checked(self, current: Rotation) -> Result<Self, InvalidSettings> {
        let rotation = match (self.rotation, self.grace, current) {
            (None, None, _) => return Ok(self),
            (Some(name), grace, current) => name.with_grace(grace.unwrap_or(current.grace())),
            (None, Some(grace), current) if current.has_grace() => current.name().with_grace(grace),
            (None, Some(_), _) => return Err(InvalidSettings::GraceWithoutRotation),
        };
        Ok(Self { rotation: Some(rotation.name()), grace: Some(rotation.grace()), ..self })
    }
}

impl Settings {
    /// The lifetimes of the tokens of a login or a refresh.
    #[must_use]
    pub const fn login_lifetimes(&self) -> Lifetimes {
        Lifetimes { access: self.login_token, refresh: self.refresh_token }
    }

    /// The lifetimes of the tokens of a registration.
    #[must_use]
    pub const fn registration_lifetimes(&self) -> Lifetimes {
        Lifetimes { access: self.registration_token, refresh: self.refresh_token }
    }
}

/// The JSON of `GET settings`: every field is present.
impl Serialize for Settings {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Overrides::from(*self).serialize(serializer)
    }
}

/// The JSON of [`Settings`]; an absent field has its default.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Overrides::deserialize(deserializer).map(|overrides| Self::default().with(&overrides))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(json: Value) -> Overrides {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_settings_have_the_names_of_the_control_api() {
        let expected = json!({ "registrationTokenSeconds": 432_000, "loginTokenSeconds": 86_400,
            "refreshTokenSeconds": 7_776_000, "clockSkewSeconds": 0, "rotation": "strict", "graceSeconds": 10,
            "loginLockout": false,
            "lockout": { "logins": 5, "perSeconds": 60, "forSeconds": 3600 }, "loginRevokesAccessTokens": false,
            "strictCasing": false, "userSelfService": true, "refreshRejectedStatus": 401, "deviceTokenSunset": null });
        assert_eq!(serde_json::to_value(Settings::default()).unwrap(), expected);
        assert_eq!(serde_json::to_value(Overrides::default()).unwrap(), json!({}));
    }

    #[test]
    fn settings_survive_json_to_the_microsecond() {
        let settings = Settings {
            login_token: "1500ms".parse().unwrap(),
            rotation: Rotation::Grace("7s".parse().unwrap()),
            refresh_rejected: RefreshRejected::BadRequest,
            device_token_sunset: Some(Timestamp::from_seconds(7)),
            ..Settings::default()
        };
        let json = serde_json::to_value(settings).unwrap();
        assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
    }

    #[test]
    fn an_absent_sunset_changes_nothing_and_null_removes_it() {
        let sunset = Some(Timestamp::from_seconds(7));
        let settings = Settings { device_token_sunset: sunset, ..Settings::default() };
        assert_eq!(settings.with(&read(json!({}))).device_token_sunset, sunset);
        assert_eq!(settings.with(&read(json!({ "deviceTokenSunset": null }))).device_token_sunset, None);
        let set = read(json!({ "deviceTokenSunset": "1970-01-01T00:00:07Z" }));
        assert_eq!(Settings::default().with(&set).device_token_sunset, sunset);
    }

    #[test]
    fn an_invalid_change_is_refused() {
        for invalid in [
            json!({ "loginTokenSeconds": -1 }),
            json!({ "loginTokenSeconds": "1" }),
            json!({ "rotation": "grace=5s" }),
            json!({ "refreshRejectedStatus": 500 }),
            json!({ "deviceTokenSunset": "soon" }),
            json!({ "deviceTokenSunset": "1960-01-01T00:00:00Z" }),
            json!({ "loginLockot": true }),
        ] {
            assert!(serde_json::from_value::<Overrides>(invalid.clone()).is_err(), "{invalid}");
        }
    }

    #[test]
    fn a_grace_period_needs_the_rotation_grace() {
        let seconds = |seconds| Rotation::Grace(Period::from_seconds(seconds));
        let change = |json, current| {
            let checked = read(json).checked(current)?;
            Ok(Settings { rotation: current, ..Settings::default() }.with(&checked).rotation)
        };
        let alone = || json!({ "graceSeconds": 5 });
        assert_eq!(change(alone(), Rotation::Strict), Err(InvalidSettings::GraceWithoutRotation));
        assert_eq!(change(alone(), seconds(9)), Ok(seconds(5)));
        assert_eq!(change(json!({ "rotation": "grace" }), seconds(9)), Ok(seconds(9)));
        assert_eq!(change(json!({ "rotation": "grace" }), Rotation::Strict), Ok(seconds(10)));
        assert_eq!(change(json!({ "rotation": "grace", "graceSeconds": 5 }), Rotation::Off), Ok(seconds(5)));
        assert_eq!(change(json!({ "rotation": "reuse", "graceSeconds": 5 }), seconds(9)), Ok(Rotation::Reuse));
        assert_eq!(change(json!({}), seconds(9)), Ok(seconds(9)));
        let hydra = |seconds| Rotation::HydraGrace(Period::from_seconds(seconds));
        assert_eq!(change(alone(), hydra(9)), Ok(hydra(5)));
        assert_eq!(change(json!({ "rotation": "hydra-grace", "graceSeconds": 5 }), Rotation::Off), Ok(hydra(5)));
        assert_eq!(change(alone(), Rotation::Keycloak), Err(InvalidSettings::GraceWithoutRotation));
    }

    #[test]
    fn newer_overrides_win_over_older_ones() {
        let older =
            read(json!({ "loginTokenSeconds": 1, "refreshTokenSeconds": 2, "rotation": "grace", "graceSeconds": 3 }));
        let newer = read(json!({ "loginTokenSeconds": 4 }));
        let both =
            read(json!({ "loginTokenSeconds": 4, "refreshTokenSeconds": 2, "rotation": "grace", "graceSeconds": 3 }));
        assert_eq!(older.under(newer), both);
        let off = read(json!({ "rotation": "off" })).checked(Rotation::Strict).unwrap();
        assert_eq!(Settings::default().with(&older.under(off)).rotation, Rotation::Off);
    }
}
