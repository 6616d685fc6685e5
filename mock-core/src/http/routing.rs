//! Routing: finds a call by method and path, in a table of endpoints.

use std::borrow::Cow;

use telematics_contract::Call;

/// A row of a route table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path; a segment in braces is a parameter.
    pub path: &'static str,
}

/// A table of calls, each with its endpoint.
pub trait RouteTable: Copy + 'static {
    /// Every call.
    const CALLS: &'static [Self];

    /// Where the call lives.
    fn endpoint(self) -> Endpoint;
}

impl RouteTable for Call {
    const CALLS: &'static [Self] = &Self::ALL;

    fn endpoint(self) -> Endpoint {
        let endpoint = Self::endpoint(self);
        Endpoint { method: endpoint.method.as_str(), path: endpoint.path }
    }
}

/// The result of routing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<C> {
    /// A call of the table.
    Found(Found<C>),
    /// The path is in the table, but not with this method.
    WrongMethod {
        /// The value of the header `Allow`.
        allow: String,
    },
    /// The path is not in the table.
    Unknown,
}

/// A call that a request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<C> {
    /// The call.
    pub call: C,
    /// The method.
    pub method: &'static str,
    /// The path, with its literal segments spelled as in the table.
    pub path: Cow<'static, str>,
}

impl<C: RouteTable> Found<C> {
    /// The parameter of the path with this name, which stands in braces in the route table; empty if the path has none.
    pub fn parameter(&self, name: &str) -> &str {
        let is_named = |segment: &str| segment.trim_start_matches('{').trim_end_matches('}') == name;
        self.parameters().find(|(pattern, _)| is_named(pattern)).map(|(_, segment)| segment).unwrap_or_default()
    }

    /// The first parameter of the path; empty if the path has none.
    pub fn first_parameter(&self) -> &str {
        self.parameters().next().map(|(_, segment)| segment).unwrap_or_default()
    }

    /// The parameters of the path, each with its segment in the route table.
    fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let segments = self.call.endpoint().path.split('/').zip(self.path.split('/'));
        segments.filter(|(pattern, _)| is_parameter(pattern))
    }
}

impl<C: Copy> Resolution<C> {
    /// The call with its path, if there is one.
    pub const fn found(&self) -> Option<&Found<C>> {
        match self {
            Self::Found(found) => Some(found),
            Self::WrongMethod { .. } | Self::Unknown => None,
        }
    }

    /// The call, if there is one.
    pub fn call(&self) -> Option<C> {
        self.found().map(|found| found.call)
    }
}

/// Finds the call. Literal segments match in any letter case, and a trailing slash is allowed \[C, F\].
#[must_use]
pub fn resolve<C: RouteTable>(method: &str, path: &str) -> Resolution<C> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut allow = String::new();
    for &call in C::CALLS {
        let endpoint = call.endpoint();
        let Some(path) = spelled_like(endpoint.path, path) else { continue };
        if endpoint.method == method {
            return Resolution::Found(Found { call, method: endpoint.method, path });
        }
        if !allow.is_empty() {
            allow.push_str(", ");
        }
        allow.push_str(endpoint.method);
    }
    if allow.is_empty() { Resolution::Unknown } else { Resolution::WrongMethod { allow } }
}

/// The path with its literal segments spelled like the pattern; `None` if it does not match the pattern.
fn spelled_like(pattern: &'static str, path: &str) -> Option<Cow<'static, str>> {
    if !pattern.contains('{') {
        return pattern.eq_ignore_ascii_case(path).then_some(Cow::Borrowed(pattern));
    }
    let (mut segments, mut spelled) = (path.split('/'), String::with_capacity(path.len()));
    for (index, wanted) in pattern.split('/').enumerate() {
        let segment = segments.next()?;
        if index > 0 {
            spelled.push('/');
        }
        if is_parameter(wanted) {
            if segment.is_empty() {
                return None;
            }
            spelled.push_str(segment);
        } else if wanted.eq_ignore_ascii_case(segment) {
            spelled.push_str(wanted);
        } else {
            return None;
        }
    }
    segments.next().is_none().then_some(Cow::Owned(spelled))
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether `path` is `prefix` or lies below it, in any letter case.
pub fn is_below(prefix: &str, path: &str) -> bool {
    let (Some(start), Some(rest)) = (path.get(..prefix.len()), path.get(prefix.len()..)) else { return false };
    start.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<Call> {
        resolve(method, path).call()
    }

    #[test]
    fn every_call_is_found_in_any_letter_case_and_with_a_trailing_slash() {
        for call in Call::ALL {
            let Endpoint { method, path } = RouteTable::endpoint(call);
            let spelled = |spell: fn(&str) -> String| {
                let segments = path.split('/');
                let segments =
                    segments.map(|segment| if is_parameter(segment) { "aB-1".into() } else { spell(segment) });
                segments.collect::<Vec<_>>().join("/")
            };
            let expected = Resolution::Found(Found { call, method, path: spelled(str::to_owned).into() });
            for path in [spelled(str::to_owned), spelled(str::to_lowercase), spelled(str::to_uppercase)] {
                for spelling in [path.clone(), format!("{path}/")] {
                    assert_eq!(resolve(method, &spelling), expected, "{spelling}");
                }
            }
        }
    }

    #[test]
    fn a_known_path_with_another_method_names_the_methods() {
        let expected = Resolution::<Call>::WrongMethod { allow: "GET, PUT".to_owned() };
        assert_eq!(resolve("DELETE", "/v1/management/USERS"), expected);
    }

    #[test]
    fn an_unknown_path_is_unknown() {
        for path in
            ["/v1/Registration", "/v1/Registration/Create/x", "/v1//Registration/Create", "/", "", "/v1", "/v1/ü"]
        {
            assert_eq!(found("POST", path), None, "{path}");
        }
    }

    #[test]
    fn a_parameter_keeps_its_spelling() {
        assert_eq!(spelled_like("/v1/Change/{Code}", "/V1/change/aBc").as_deref(), Some("/v1/Change/aBc"));
        assert_eq!(spelled_like("/v1/Change/{Code}", "/V1/change/"), None);
        assert_eq!(spelled_like("/v1/Change/{Code}", "/V1/change/a/b"), None);
        assert_eq!(spelled_like("/v1/{Id}/Codes", "/v1//codes"), None);
        assert_eq!(spelled_like("/v1/{Id}/Codes", "/v1/x"), None);
    }

    #[test]
    fn a_parameter_is_found_by_its_name() {
        let resolution = resolve::<Call>("GET", "/V1/Applications/7/INSTANCES/DEMO01/");
        let found = resolution.found().unwrap();
        assert_eq!(found.path, "/v1/applications/7/instances/DEMO01");
        assert_eq!(
            (found.parameter("AppId"), found.parameter("InviteCode"), found.parameter("Other")),
            ("7", "DEMO01", "")
        );
    }

    #[test]
    fn an_area_is_found_in_any_letter_case_and_only_by_its_whole_name() {
        assert!(is_below("/v1", "/V1/Registration"));
        assert!(is_below("/v1", "/v1"));
        assert!(!is_below("/v1", "/v10"));
        assert!(!is_below("/__mock", "/"));
        assert!(!is_below("/__mock", "/__möck/health"), "a character is never cut");
    }
}
