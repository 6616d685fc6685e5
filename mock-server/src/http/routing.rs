//! Finds a call of the contract by method and path, from the contract's own route table.

use telematics_contract::{Call, Endpoint};

/// What a method and a path lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// A call; the path as the route table spells it, parameters as they came.
    Found {
        /// The call.
        call: Call,
        /// Its path, ready for the routes.
        path: String,
    },
    /// There is such a path, but only for these methods.
    WrongMethod {
        /// The value of `Allow`.
        allow: String,
    },
    /// There is no such path.
    Unknown,
}

/// Finds the call. Literal segments match in any letter case, and a trailing slash is allowed \[C, F\].
#[must_use]
pub fn resolve(method: &str, path: &str) -> Resolution {
    let mut allow = String::new();
    for call in Call::ALL {
        let Endpoint { method: wanted, path: pattern, .. } = call.endpoint();
        let Some(path) = spelled_like(pattern, path) else { continue };
        if wanted.as_str() == method {
            return Resolution::Found { call, path };
        }
        if !allow.is_empty() {
            allow.push_str(", ");
        }
        allow.push_str(wanted.as_str());
    }
    if allow.is_empty() { Resolution::Unknown } else { Resolution::WrongMethod { allow } }
}

/// Spells `path` like `pattern`, if it matches.
fn spelled_like(pattern: &str, path: &str) -> Option<String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut given = path.split('/');
    let mut spelled = String::with_capacity(path.len());
    for (index, wanted) in pattern.split('/').enumerate() {
        let given = given.next()?;
        let matches = if wanted.starts_with('{') { !given.is_empty() } else { wanted.eq_ignore_ascii_case(given) };
        if !matches {
            return None;
        }
        if index > 0 {
            spelled.push('/');
        }
        spelled.push_str(if wanted.starts_with('{') { given } else { wanted });
    }
    given.next().is_none().then_some(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<Call> {
        match resolve(method, path) {
            Resolution::Found { call, .. } => Some(call),
            Resolution::WrongMethod { .. } | Resolution::Unknown => None,
        }
    }

    #[test]
    fn every_call_is_found_in_any_letter_case_and_with_a_trailing_slash() {
        for call in Call::ALL {
            let Endpoint { method, path, .. } = call.endpoint();
            let (literal, parameter) = path.split_once('{').map_or((path, ""), |(literal, _)| (literal, "aB-1"));
            let expected = Resolution::Found { call, path: format!("{literal}{parameter}") };
            for literal in [literal.to_owned(), literal.to_lowercase(), literal.to_uppercase()] {
                for spelling in [format!("{literal}{parameter}"), format!("{literal}{parameter}/")] {
                    assert_eq!(resolve(method.as_str(), &spelling), expected, "{spelling}");
                }
            }
        }
    }

    #[test]
    fn a_known_path_with_another_method_names_the_methods() {
        assert_eq!(resolve("DELETE", "/v1/management/USERS"), Resolution::WrongMethod { allow: "GET, PUT".to_owned() });
    }

    #[test]
    fn an_unknown_path_is_unknown() {
        for path in ["/v1/Registration", "/v1/Registration/Create/x", "/v1//Registration/Create", "/", "", "/v1"] {
            assert_eq!(found("POST", path), None, "{path}");
        }
    }

    #[test]
    fn only_literal_segments_are_spelled_anew() {
        assert_eq!(spelled_like("/v1/Change/{Code}", "/V1/change/aBc").as_deref(), Some("/v1/Change/aBc"));
        assert_eq!(spelled_like("/v1/Change/{Code}", "/v1/change/"), None);
    }
}
