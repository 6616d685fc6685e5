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
}

/// The name of a [`Rotation`] in the control API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RotationName {
    /// [`Rotation::Strict`].
    Strict,
    /// [`Rotation::Grace`].
    Grace,
    /// [`Rotation::Reuse`].
    Reuse,
    /// [`Rotation::Off`].
    Off,
}

impl RotationName {
    /// The rotation with this name; `grace` is the grace period of [`Rotation::Grace`].
    #[must_use]
    pub const fn with_grace(self, grace: Period) -> Rotation {
        match self {
            Self::Strict => Rotation::Strict,
            Self::Grace => Rotation::Grace(grace),
            Self::Reuse => Rotation::Reuse,
            Self::Off => Rotation::Off,
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
        }
    }

    /// The grace period; [`DEFAULT_GRACE`] for a rotation without one.
    #[must_use]
    pub const fn grace(self) -> Period {
        match self {
            Self::Grace(grace) => grace,
            Self::Strict | Self::Reuse | Self::Off => DEFAULT_GRACE,
        }
    }
}

/// `strict`, `grace=10s`, `reuse` or `off`.
impl FromStr for Rotation {
    type Err = InvalidRotation;

    fn from_str(text: &str) -> Result<Self, InvalidRotation> {
        match text.split_once('=') {
            Some(("grace", period)) => period.parse().map(Self::Grace).map_err(|_| InvalidRotation(text.to_owned())),
            Some(_) => Err(InvalidRotation(text.to_owned())),
            None => match text {
                "strict" => Ok(Self::Strict),
                "grace" => Ok(Self::Grace(DEFAULT_GRACE)),
                "reuse" => Ok(Self::Reuse),
                "off" => Ok(Self::Off),
                _ => Err(InvalidRotation(text.to_owned())),
            },
        }
    }
}

impl From<Rotation> for String {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::Strict => "strict".to_owned(),
            Rotation::Grace(period) => format!("grace={}", Self::from(period)),
            Rotation::Reuse => "reuse".to_owned(),
            Rotation::Off => "off".to_owned(),
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
#[error("'{0}' is not a valid rotation; it is strict, grace=10s, reuse or off")]
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
        for nonsense in ["", "Strict", "grace=", "grace=soon", "reuse=1s", "none"] {
            assert!(parsed(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_rotation_is_written_in_a_form_that_can_be_read() {
        for rotation in [Rotation::Strict, Rotation::Grace(Period::from_seconds(7)), Rotation::Reuse, Rotation::Off] {
            assert_eq!(String::from(rotation).parse(), Ok(rotation));
            assert_eq!(rotation.name().with_grace(rotation.grace()), rotation);
        }
    }
}
