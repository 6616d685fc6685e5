//! Strings that must not be seen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token, key or password: travels like any string, but `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Hands the secret out. The name is long so that a reviewer sees each place.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", Some(Secret::from("canary"))), "Some(Secret(…))");
    }

    #[test]
    fn a_secret_travels_as_a_plain_string() {
        let wire = serde_json::to_string(&Secret::from("canary")).unwrap();
        assert_eq!(wire, r#""canary""#);
        assert_eq!(serde_json::from_str::<Secret>(&wire).unwrap().expose(), "canary");
    }
}
