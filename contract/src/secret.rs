//! Strings that logs and debug output must not contain.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token, a key or a password: a plain string on the wire, but hidden in `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself. The name makes each use easy to find in a review.
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
    fn debug_hides_a_secret() {
        assert_eq!(format!("{:?}", Some(Secret::from("canary"))), "Some(Secret(…))");
    }

    #[test]
    fn a_secret_is_a_plain_string_on_the_wire() {
        let wire = serde_json::to_string(&Secret::from("canary")).unwrap();
        assert_eq!(wire, r#""canary""#);
        assert_eq!(serde_json::from_str::<Secret>(&wire).unwrap().expose(), "canary");
    }
}
