//! Rotation: the setting that decides about a refresh token that was already used.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::time::Period;

/// The treatment of a refresh token that was already used \[P\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rotation {
    /// A used token is refused, and its family is revoked (RFC 9700, section 4.14.2).
    #[default]
    Strict,
    /// Within this time after its use, a used token gives the current pair again; later it is treated as in
    /// [`Rotation::Strict`].
    Grace(Period),
    /// A used token is refused, and nothing is revoked.
    Reuse,
    /// A refresh does not change the refresh token.
    Off,
    /// Ory Hydra with a grace period: within this time after its first use, a used token gives a new pair at each use, and all these pairs
    /// stay usable; later it is treated as in [`Rotation::Strict`].
    HydraGrace(Period),
    /// Supabase Auth: within this time after its use, or while it is the parent of the current token, a used token gives the current pair
    /// again; otherwise it is treated as in [`Rotation::Strict`].
    Supabase(Period),
    /// Keycloak by default: a used token stays usable and gives a new pair at each use.
    Keycloak,
}

/// The name of a [`Rotation`] in the control API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RotationName {
    /// [`Rotation::Strict`].
    Strict,
    /// [`Rotation::Grace`].
    Grace,
    /// [`Rotation::Reuse`].
    Reuse,
    /// [`Rotation::Off`].
    Off,
    /// [`Rotation::HydraGrace`].
    HydraGrace,
    /// [`Rotation::Supabase`].
    Supabase,
    /// [`Rotation::Keycloak`].
    Keycloak,
}

impl RotationName {
    /// The rotation with this name; `grace` is the grace period of a rotation that has one.
    #[must_use]
    pub const fn with_grace(self, grace: Period) -> Rotation {
        match self {
            Self::Strict => Rotation::Strict,
            Self::Grace => Rotation::Grace(grace),
            Self::Reuse => Rotation::Reuse,
            Self::Off => Rotation::Off,
            Self::HydraGrace => Rotation::HydraGrace(grace),
            Self::Supabase => Rotation::Supabase(grace),
            Self::Keycloak => Rotation::Keycloak,
        }
    }
}

impl Rotation {
    /// The name of the rotation.
    #[must_use]
    pub const fn name(self) -> RotationName {
        match self {
            Self::Strict => RotationName::Strict,
            Self::Grace(_) => RotationName::Grace,
            Self::Reuse => RotationName::Reuse,
            Self::Off => RotationName::Off,
            Self::HydraGrace(_) => RotationName::HydraGrace,
            Self::Supabase(_) => RotationName::Supabase,
            Self::Keycloak => RotationName::Keycloak,
        }
    }

    /// Whether the rotation has a grace period.
    #[must_use]
    pub const fn has_grace(self) -> bool {
        matches!(self, Self::Grace(_) | Self::HydraGrace(_) | Self::Supabase(_))
    }

    /// The grace period; [`DEFAULT_GRACE`] for a rotation without one.
    #[must_use]
    pub const fn grace(self) -> Period {
        match self {
            Self::Grace(grace) | Self::HydraGrace(grace) | Self::Supabase(grace) => grace,
            Self::Strict | Self::Reuse | Self::Off | Self::Keycloak => DEFAULT_GRACE,
        }
    }
}

/// A [`RotationName`], for a rotation with a grace period also followed by this period: `grace=10s`.
impl FromStr for Rotation {
    type Err = InvalidRotation;

    fn from_str(text: &str) -> Result<Self, InvalidRotation> {
        let invalid = || InvalidRotation(text.to_owned());
        let (name, period) = text.split_once('=').map_or((text, None), |(name, period)| (name, Some(period)));
        let name = match name {
            "strict" => RotationName::Strict,
            "grace" => RotationName::Grace,
            "reuse" => RotationName::Reuse,
            "off" => RotationName::Off,
            "hydra-grace" => RotationName::HydraGrace,
            "supabase" => RotationName::Supabase,
            "keycloak" => RotationName::Keycloak,
            _ => return Err(invalid()),
        };
        let Some(period) = period else { return Ok(name.with_grace(DEFAULT_GRACE)) };
        let rotation = name.with_grace(period.parse().map_err(|_| invalid())?);
        if rotation.has_grace() { Ok(rotation) } else { Err(invalid()) }
    }
}

impl From<Rotation> for String {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::Strict => "strict".to_owned(),
            Rotation::Grace(period) => format!("grace={}", Self::from(period)),
            Rotation::Reuse => "reuse".to_owned(),
            Rotation::Off => "off".to_owned(),
            Rotation::HydraGrace(period) => format!("hydra-grace={}", Self::from(period)),
            Rotation::Supabase(period) => format!("supabase={}", Self::from(period)),
            Rotation::Keycloak => "keycloak".to_owned(),
        }
    }
}

impl TryFrom<String> for Rotation {
    type Error = InvalidRotation;

    fn try_from(text: String) -> Result<Self, InvalidRotation> {
        text.parse()
    }
}

/// The default grace period.
pub const DEFAULT_GRACE: Period = Period::from_seconds(10);

/// The text is not the name of a rotation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a valid rotation; it is strict, grace=10s, reuse, off, hydra-grace=10s, supabase=10s or keycloak"
)]
pub struct InvalidRotation(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_has_the_name_of_the_command_line() {
        let parsed = |text: &str| text.parse::<Rotation>();
        assert_eq!(parsed("strict"), Ok(Rotation::Strict));
        assert_eq!(parsed("grace=10s"), Ok(Rotation::Grace(Period::from_seconds(10))));
        assert_eq!(parsed("grace"), Ok(Rotation::Grace(DEFAULT_GRACE)));
        assert_eq!(parsed("reuse"), Ok(Rotation::Reuse));
        assert_eq!(parsed("off"), Ok(Rotation::Off));
        assert_eq!(parsed("hydra-grace=3s"), Ok(Rotation::HydraGrace(Period::from_seconds(3))));
        assert_eq!(parsed("supabase"), Ok(Rotation::Supabase(DEFAULT_GRACE)));
        assert_eq!(parsed("keycloak"), Ok(Rotation::Keycloak));
        for nonsense in ["", "Strict", "grace=", "grace=soon", "reuse=1s", "keycloak=1s", "none"] {
            assert!(parsed(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_rotation_is_written_in_a_form_that_can_be_read() {
        let period = Period::from_seconds(7);
        for rotation in [
            Rotation::Strict,
            Rotation::Grace(period),
            Rotation::Reuse,
            Rotation::Off,
            Rotation::HydraGrace(period),
            Rotation::Supabase(period),
            Rotation::Keycloak,
        ] {
            assert_eq!(String::from(rotation).parse(), Ok(rotation));
            assert_eq!(rotation.name().with_grace(rotation.grace()), rotation);
        }
    }
}
