//! Versions: those that programs print and those in `Cargo.lock`.

use std::fmt;

/// A version without its pre-release part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first version in the output of a program, such as `v20.19.2` or `wasm-pack 0.15.1`.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    /// Whether this version satisfies the caret requirement `^wanted`: not older, and without a breaking change.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        let same_line = if wanted.0 == 0 { (self.0, self.1) == (0, wanted.1) } else { self.0 == wanted.0 };
        same_line && self >= wanted
    }

    fn parse(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let mut parts = word.splitn(3, '.').map(leading_number);
        Some(Self(parts.next()??, parts.next()??, parts.next()??))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version of a package in a `Cargo.lock`.
pub(crate) fn locked(lock: &str, package: &str) -> Option<Version> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Version::parse(version)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen-futures"
version = "0.4.80"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
source = "registry"
"#;

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        assert_eq!(locked(LOCK, "wasm-bindgen"), Some(Version(0, 2, 130)));
        assert_eq!(locked(LOCK, "wasm-bindgen-futures"), Some(Version(0, 4, 80)));
    }

    #[test]
    fn a_package_that_is_not_locked_has_no_version() {
        assert_eq!(locked(LOCK, "wasm"), None);
        assert_eq!(locked("", "wasm-bindgen"), None);
    }

    #[test]
    fn the_version_is_found_in_the_output_of_a_program() {
        assert_eq!(Version::find("v20.20.2\n"), Some(Version(20, 20, 2)));
        assert_eq!(Version::find("wasm-pack 0.15.1"), Some(Version(0, 15, 1)));
        assert_eq!(Version::find("wasm-bindgen 0.2.130 (a1b2c3)"), Some(Version(0, 2, 130)));
        assert_eq!(Version::find("1.2.3-beta.4"), Some(Version(1, 2, 3)));
        assert_eq!(Version::find("command not found"), None);
    }

    #[test]
    fn versions_are_ordered_by_number_and_not_by_letter() {
        assert!(Version(20, 19, 0) > Version(20, 9, 0));
        assert!(Version(9, 0, 0) < Version(20, 19, 0));
    }

    #[test]
    fn a_newer_patch_fits_and_a_breaking_version_does_not() {
        let wanted = Version(0, 15, 1);
        assert!(wanted.fits(wanted));
        assert!(Version(0, 15, 3).fits(wanted));
        assert!(!Version(0, 15, 0).fits(wanted));
        assert!(!Version(0, 16, 0).fits(wanted));
        assert!(!Version(1, 15, 1).fits(wanted));
        assert!(Version(1, 9, 0).fits(Version(1, 2, 0)));
        assert!(!Version(2, 2, 0).fits(Version(1, 2, 0)));
    }
}
