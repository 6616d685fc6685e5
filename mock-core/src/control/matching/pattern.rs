//! Texts and paths in which `*` stands for any text.

use std::convert::Infallible;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text in which `*` stands for any text. Letter case counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextPattern(String);

impl TextPattern {
    /// The pattern of a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches a text.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        fits(&self.0, text)
    }
}

/// A path in which `*` stands for any text. It matches in any letter case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathPattern(String);

impl FromStr for PathPattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl PathPattern {
    /// The pattern of a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern has a `*`, so that it matches more than one path.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.contains('*')
    }

    /// Whether a path can match the pattern: every path starts with a slash, and has neither a query nor a fragment.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.0.starts_with(['/', '*']) && !self.0.contains(['?', '#', ' '])
    }

    /// Whether the pattern matches a path. A slash at the end makes no difference.
    #[must_use]
    pub fn fits(&self, path: &str) -> bool {
        let path = path.strip_suffix('/').unwrap_or(path).to_ascii_lowercase();
        let pattern = self.0.strip_suffix('/').unwrap_or(&self.0).to_ascii_lowercase();
        fits(&pattern, &path)
    }
}

/// Whether a text matches a pattern, in the letter case of both.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path_fits(pattern: &str, path: &str) -> bool {
        PathPattern::new(pattern).fits(path)
    }

    /// The definition of a match, letter by letter.
    fn fits_by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some((b'*', rest)), None) => fits_by_definition(rest, text),
            (Some((b'*', rest)), Some((_, after))) => {
                fits_by_definition(rest, text) || fits_by_definition(pattern, after)
            }
            (Some(_), None) => false,
            (Some((letter, rest)), Some((other, after))) => letter == other && fits_by_definition(rest, after),
        }
    }

    #[test]
    fn a_path_matches_in_any_letter_case_and_a_star_stands_for_any_text() {
        assert!(path_fits("/v1/auth/refreshtoken", "/v1/Auth/RefreshToken"));
        assert!(path_fits("/v1/Auth/*", "/v1/Auth/Login"));
        assert!(path_fits("*", "/anything"));
        assert!(path_fits("*RefreshToken", "/v1/Auth/RefreshToken/"));
        assert!(path_fits("/v1/*/users*", "/v1/Management/users/find"));
        assert!(!path_fits("/v1/Auth", "/v1/Auth/Login"));
        assert!(!path_fits("/v1/*/find", "/v1/Management/users"));
        assert!(!path_fits("", "/v1"));
        assert!(!path_fits("/a*a", "/a"), "one letter cannot match both ends");
    }

    #[test]
    fn a_text_matches_in_its_letter_case_only() {
        assert!(TextPattern::new("Bearer *").fits("Bearer x"));
        assert!(!TextPattern::new("Bearer *").fits("bearer x"));
        assert!(TextPattern::new("").fits(""));
    }

    #[test]
    fn a_path_that_no_request_can_have_is_recognised() {
        for (pattern, is_possible) in
            [("/v1/x", true), ("*x", true), ("v1/x", false), ("", false), ("/v1/x?a=b", false)]
        {
            assert_eq!(PathPattern::new(pattern).is_possible(), is_possible, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_as_its_definition_says(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(fits(&pattern, &text), fits_by_definition(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn any_pattern_and_any_text_can_be_compared(pattern in ".*", text in ".*") {
            let _ = TextPattern::new(&*pattern).fits(&text);
            prop_assert!(path_fits("*", &text) && TextPattern::new(text.replace('*', "")).fits(&text.replace('*', "")));
        }
    }
}
