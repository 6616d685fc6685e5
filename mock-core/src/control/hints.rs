//! Hints: an integrator's mistake in one sentence. A hint never changes an answer; it is a header beside it.
//!
//! Each hint comes from a mistake seen in public code.

use telematics_contract::{Call, Method};

use super::advice::Rule;
use crate::service::refusal::RefreshTokenFault;

/// The input of a hint.
#[derive(Clone, Copy, Debug)]
pub struct HintInput<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as the client sent it.
    pub path: &'a str,
    /// The call of the contract, if method and path lead to one.
    pub call: Option<Call>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The status in the envelope of an answer that a fault made up.
    pub envelope_status: Option<u16>,
    /// The reason why the refresh token was refused.
    pub refresh_token: Option<RefreshTokenFault>,
    /// The mistakes that the request itself shows.
    pub misuse: Misuse,
}

/// Mistakes that a request shows before it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Misuse {
    /// The access token is a JavaScript accident such as `undefined`.
    pub sends_text_for_token: bool,
    /// A page that was not served from this machine sent an instance key.
    pub key_from_foreign_page: bool,
    /// A field at the top level of the body belongs into `UserFields`.
    pub misplaced_field: Option<&'static str>,
    /// The user who logs in has a refresh token that is still good.
    pub could_refresh: bool,
    /// An app on a phone sent an instance key.
    pub key_from_phone: bool,
    /// The body has another form than the vendor's reference.
    pub form: Option<Form>,
}

/// A body in another form than the vendor's reference has. The mock may read it; the vendor's service may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The device token of a login is not spelled `Devicetoken`.
    LoginSpelling,
    /// `Filters` and `Pagination` in a request for a page.
    NestedFilters,
    /// `UserFields` is an array in an update.
    FieldsAsArray,
    /// `UserProfile` in a registration or an update.
    NestedProfile,
    /// The user of an admin's update is named in the path.
    NamedInPath,
    /// The changes of an instance are in the body.
    ChangesInBody,
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The mistake; `None` if a fault has made the answer, and the request is right.
    pub rule: Option<Rule>,
    /// The sentence for the integrator.
    pub text: String,
}

impl Hint {
    fn new(rule: Rule, text: impl Into<String>) -> Self {
        Self { rule: Some(rule), text: text.into() }
    }
}

impl Form {
    const fn rule(self) -> Rule {
        match self {
            Self::LoginSpelling => Rule::LoginSpelling,
            Self::NestedFilters => Rule::NestedFilters,
            Self::FieldsAsArray => Rule::FieldsAsArray,
            Self::NestedProfile => Rule::NestedProfile,
            Self::NamedInPath => Rule::NamedInPath,
            Self::ChangesInBody => Rule::ChangesInBody,
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::LoginSpelling => {
                "the vendor's service reads only Devicetoken, with a small t, in LoginFields and answers 401 to every other \
                 spelling; the setting strictCasing makes this server do the same"
            }
            Self::NestedFilters => {
                "the vendor's reference has no Filters and no Pagination: send InstanceIds, PageNumber and PageSize at the \
                 top level"
            }
            Self::FieldsAsArray => {
                "UserFields is read as an array and written as an object: send the object without the array"
            }
            Self::NestedProfile => {
                "UserProfile is ignored when a user is registered or updated: send its fields at the top level"
            }
            Self::NamedInPath => {
                "the vendor's reference names the user of an update in the header UserDeviceToken of PUT \
                 /v1/Management/users; only one of its pages has the DeviceToken in the path"
            }
            Self::ChangesInBody => "the changes of an instance are in the query of the PATCH, and its body is ignored",
        }
    }
}

/// The hints for a request and its answer, the most important one first. The header has room for that one; advice counts them all.
#[must_use]
pub fn hints(input: &HintInput<'_>) -> Vec<Hint> {
    let HintInput { status, misuse, .. } = *input;
    let text_for_token = (misuse.sends_text_for_token && status == 401).then(|| {
        Hint::new(
            Rule::TextForToken,
            "the access token is the text 'undefined' or 'null': the tokens are in Result, the JWT in \
             Result.AccessToken.Token",
        )
    });
    let refused_refresh = input.refresh_token.and_then(way_out).map(|(rule, way_out)| Hint::new(rule, way_out));
    let needless_login = (misuse.could_refresh && status == 200).then(|| {
        Hint::new(
            Rule::LoginInsteadOfRefresh,
            "this user's refresh token is still good: after a 401, refresh first, and log in only if the refresh is refused",
        )
    });
    let misplaced_field = misuse.misplaced_field.map(|field| {
        Hint::new(Rule::MisplacedField, format!("{field} at the top level is ignored: send it in UserFields"))
    });
    let hides_failure = input.envelope_status.is_some_and(|envelope| envelope != status) && status == 200;
    let hidden_failure = hides_failure.then(|| {
        let text = "the HTTP status is 200, but Status in the body is an error: the body decides".to_owned();
        Hint { rule: None, text }
    });
    let form = misuse.form.map(|form| Hint::new(form.rule(), form.advice()));
    let key_from_phone = misuse.key_from_phone.then(|| {
        Hint::new(
            Rule::KeyFromPhone,
            "an app on a phone sent the InstanceKey, which is a secret of the whole instance and can be read from every \
             installed app: register and sign users in on your own server",
        )
    });
    let key_from_page = misuse.key_from_foreign_page.then(|| {
        Hint::new(
            Rule::KeyFromPage,
            "a web page sent the InstanceKey, which is a secret of the whole instance: sign users in on your own server",
        )
    });
    let hints = [
        text_for_token,
        refused_refresh,
        wrong_call(input),
        needless_login,
        misplaced_field,
        hidden_failure,
        form,
        key_from_phone,
        key_from_page,
    ];
    hints.into_iter().flatten().collect()
}

/// The hint for a path or a method that the contract does not have.
fn wrong_call(input: &HintInput<'_>) -> Option<Hint> {
    let HintInput { method, path, .. } = *input;
    match (input.status, input.call) {
        (404, None) => {
            let meant = nearest(method, path)?.endpoint();
            let (method_meant, path_meant) = (meant.method.as_str(), meant.path);
            Some(Hint::new(
                Rule::UnknownPath,
                format!("{method} {path} does not exist; did you mean {method_meant} {path_meant}?"),
            ))
        }
        (405, None) if method == "POST" && is_path_of(Call::UpdateUser, path) => Some(Hint::new(
            Rule::UpdateSentAsPost,
            "an update is a PUT: when you repeat a call after a refresh, repeat it with its own method",
        )),
        _ => None,
    }
}

/// The mistake behind a refused refresh token, and the way out of it.
const fn way_out(fault: RefreshTokenFault) -> Option<(Rule, &'static str)> {
    match fault {
        RefreshTokenFault::AlreadyUsed => Some((
            Rule::RefreshTokenReused,
            "this refresh token was used before: every refresh returns a new one, store it in place of the old one",
        )),
        RefreshTokenFault::Superseded => Some((
            Rule::RefreshTokenSuperseded,
            "a later login replaced this refresh token: a login returns a new pair, store it in place of the old one",
        )),
        RefreshTokenFault::Revoked => Some((
            Rule::FamilyRevoked,
            "a used refresh token of this login was sent again, and that revoked the whole family: run one refresh at a \
             time and store what it returns; now log in with the device token",
        )),
        RefreshTokenFault::Unknown | RefreshTokenFault::Expired | RefreshTokenFault::UserGone => None,
    }
}

fn is_path_of(call: Call, path: &str) -> bool {
    path.trim_end_matches('/').eq_ignore_ascii_case(call.endpoint().path)
}

/// The longest path that is compared with the contract's. A longer one is not similar to any of them.
const MAX_PATH: usize = 100;

/// The call whose method and path are most similar to those of the request, if any is similar.
fn nearest(method: &str, path: &str) -> Option<Call> {
    if path.len() > MAX_PATH {
        return None;
    }
    let asked = path.trim_end_matches('/').to_ascii_lowercase();
    let distance = |call: &Call| {
        let endpoint = call.endpoint();
        let known = endpoint.path.to_ascii_lowercase();
        let other_method = usize::from(endpoint.method.as_str() != method);
        // A path without its end or its version is more similar than one with other letters.
        let missing_end = known.strip_prefix(&asked).is_some_and(|rest| rest.starts_with('/'));
        let missing_version = known.strip_prefix("/v1").is_some_and(|rest| rest == asked);
        let letters = if missing_end || missing_version { 1 } else { strsim::levenshtein(&asked, &known) };
        (letters, other_method)
    };
    let best =
        Call::ALL.iter().filter(|call| call.endpoint().method != Method::Delete).min_by_key(|call| distance(call))?;
    (distance(best).0 <= 6).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: HintInput<'static> = HintInput {
        method: "GET",
        path: "/v1/Management/users",
        call: Some(Call::ReadUser),
        status: 200,
        envelope_status: None,
        refresh_token: None,
        misuse: Misuse {
            sends_text_for_token: false,
            key_from_foreign_page: false,
            misplaced_field: None,
            could_refresh: false,
            key_from_phone: false,
            form: None,
        },
    };

    fn with(misuse: Misuse) -> HintInput<'static> {
        HintInput { misuse, ..GOOD }
    }

    const NO_MISUSE: Misuse = GOOD.misuse;

    fn says(input: HintInput<'_>, part: &str) {
        let hints = hints(&input);
        assert!(hints.first().is_some_and(|hint| hint.text.contains(part)), "{input:?}: {hints:?}");
    }

    fn unknown(method: &'static str, path: &'static str) -> HintInput<'static> {
        HintInput { method, path, call: None, status: 404, ..GOOD }
    }

    #[test]
    fn a_good_call_gets_no_hint() {
        assert_eq!(hints(&GOOD), []);
    }

    #[test]
    fn a_registration_without_create_gets_the_whole_path() {
        let expected = "POST /v1/registration does not exist; did you mean POST /v1/Registration/Create?";
        let hints = hints(&unknown("POST", "/v1/registration"));
        assert_eq!(hints, [Hint::new(Rule::UnknownPath, expected)]);
    }

    #[test]
    fn a_path_without_its_version_or_with_a_typing_error_gets_the_right_path() {
        says(unknown("POST", "/Auth/Login"), "/v1/Auth/Login");
        says(unknown("POST", "/v1/Auth/RefeshToken"), "/v1/Auth/RefreshToken");
        says(unknown("PUT", "/v1/Management/user"), "PUT /v1/Management/users");
        assert_eq!(hints(&unknown("GET", "/favicon.ico")), []);
    }

    #[test]
    fn an_access_token_undefined_is_told_where_the_tokens_are() {
        says(
            HintInput { status: 401, ..with(Misuse { sends_text_for_token: true, ..NO_MISUSE }) },
            "Result.AccessToken.Token",
        );
    }

    #[test]
    fn a_client_id_at_the_top_level_belongs_into_user_fields() {
        says(with(Misuse { misplaced_field: Some("ClientId"), ..NO_MISUSE }), "ClientId at the top level is ignored");
    }

    #[test]
    fn a_login_with_a_good_refresh_token_is_told_to_refresh() {
        says(with(Misuse { could_refresh: true, ..NO_MISUSE }), "refresh first");
    }

    #[test]
    fn a_used_or_revoked_refresh_token_is_told_the_way_out() {
        says(
            HintInput { status: 401, refresh_token: Some(RefreshTokenFault::AlreadyUsed), ..GOOD },
            "in place of the old one",
        );
        says(
            HintInput { status: 401, refresh_token: Some(RefreshTokenFault::Revoked), ..GOOD },
            "run one refresh at a time",
        );
    }

    #[test]
    fn an_update_repeated_as_a_post_is_told_to_use_put() {
        says(HintInput { method: "POST", call: None, status: 405, ..GOOD }, "an update is a PUT");
    }

    #[test]
    fn an_instance_key_sent_by_a_web_page_is_called_a_secret() {
        says(with(Misuse { key_from_foreign_page: true, ..NO_MISUSE }), "secret of the whole instance");
    }

    #[test]
    fn every_form_that_the_reference_does_not_have_gets_advice() {
        for (form, part) in [
            (Form::LoginSpelling, "only Devicetoken"),
            (Form::NestedFilters, "at the top level"),
            (Form::FieldsAsArray, "without the array"),
            (Form::NestedProfile, "UserProfile is ignored"),
            (Form::NamedInPath, "header UserDeviceToken"),
            (Form::ChangesInBody, "in the query"),
        ] {
            says(with(Misuse { form: Some(form), ..NO_MISUSE }), part);
        }
    }

    #[test]
    fn an_instance_key_sent_by_a_phone_is_called_a_secret() {
        says(with(Misuse { key_from_phone: true, ..NO_MISUSE }), "installed app");
    }

    #[test]
    fn a_failure_under_http_200_is_pointed_out() {
        let input = HintInput { envelope_status: Some(500), ..GOOD };
        says(input, "the body decides");
        assert_eq!(hints(&input)[0].rule, None, "the request is right");
    }

    #[test]
    fn every_mistake_of_a_request_gets_a_hint() {
        let misuse = Misuse { could_refresh: true, key_from_foreign_page: true, ..NO_MISUSE };
        let rules: Vec<_> = hints(&with(misuse)).iter().filter_map(|hint| hint.rule).collect();
        assert_eq!(rules, [Rule::LoginInsteadOfRefresh, Rule::KeyFromPage]);
    }
}
