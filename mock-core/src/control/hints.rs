//! Hints: what an integrator did wrong, in one sentence. They never change an answer; they stand beside it.
//!
//! Each comes from a mistake seen in public code.

use telematics_contract::{Call, Method};

/// What a hint may look at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it was asked.
    pub path: &'a str,
    /// The call of the contract, if it is one.
    pub call: Option<Call>,
    /// The status that was answered; what the envelope says may be another where a fault made it up.
    pub status: u16,
    /// What the envelope says, where a fault made it up.
    pub envelope_status: Option<u16>,
    /// The access token as it was sent, if it was: only to see that it is no token.
    pub sends_text_for_token: bool,
    /// Whether an instance key was sent by a page that is not of this machine.
    pub key_from_foreign_page: bool,
    /// Whether the body names a property at its top level that belongs into `UserFields`.
    pub misplaced_field: Option<&'static str>,
    /// What the refresh token was refused for.
    pub refresh_token: Option<RefreshFault>,
    /// Whether the user who logged in had a refresh token that was still good.
    pub login_instead_of_refresh: bool,
}

/// What a refresh token was refused for, as far as an integrator can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshFault {
    /// It was used before.
    AlreadyUsed,
    /// A login took its place.
    Superseded,
    /// A used one of its family came back before.
    Revoked,
}

/// The hint for a scene, if there is one.
#[must_use]
pub fn hint(scene: &Scene<'_>) -> Option<String> {
    let Scene { method, path, status, .. } = *scene;
    if scene.sends_text_for_token && status == 401 {
        return Some(
            "the access token is the text 'undefined' or 'null': the tokens are in Result, the JWT in \
             Result.AccessToken.Token"
                .to_owned(),
        );
    }
    if let Some(fault) = scene.refresh_token {
        return Some(
            match fault {
                RefreshFault::AlreadyUsed => {
                    "this refresh token was used before: every refresh answers a new one, keep that in its place"
                }
                RefreshFault::Superseded => {
                    "a later login has replaced this refresh token: a login answers a new pair, keep that in its place"
                }
                RefreshFault::Revoked => {
                    "an old refresh token of this login was sent again, which has revoked it: let one refresh run at a \
                     time, and keep what it answers; now log in with the device token"
                }
            }
            .to_owned(),
        );
    }
    match (status, scene.call) {
        (404, None) => {
            let meant = nearest(method, path)?.endpoint();
            let (asked, path_meant) = (format!("{method} {path}"), meant.path);
            return Some(format!("{asked} does not exist; did you mean {} {path_meant}?", meant.method.as_str()));
        }
        (405, None) if method == "POST" && is_path_of(Call::UpdateUser, path) => {
            return Some(
                "an update is a PUT: a call that is repeated after a refresh must be repeated with its own method"
                    .to_owned(),
            );
        }
        _ => {}
    }
    if scene.login_instead_of_refresh {
        return Some(
            "this user's refresh token was still good: after a 401 refresh first, and log in only when that is refused"
                .to_owned(),
        );
    }
    if let Some(field) = scene.misplaced_field {
        return Some(format!("{field} at the top level is ignored: it belongs into UserFields"));
    }
    if scene.envelope_status.is_some_and(|envelope| envelope != status) && status == 200 {
        return Some("HTTP says 200, but Status in the body does not: the body decides".to_owned());
    }
    if scene.key_from_foreign_page {
        return Some(
            "a web page sent the InstanceKey, which is a secret of the whole instance: sign users in on your own server"
                .to_owned(),
        );
    }
    None
}

fn is_path_of(call: Call, path: &str) -> bool {
    path.trim_end_matches('/').eq_ignore_ascii_case(call.endpoint().path)
}

/// The longest path that is compared with the contract's: comparing takes time, and a longer one is near to none.
const MAX_PATH: usize = 100;

/// The call whose method and path are nearest to what was asked, if any is near.
fn nearest(method: &str, path: &str) -> Option<Call> {
    if path.len() > MAX_PATH {
        return None;
    }
    let asked = path.trim_end_matches('/').to_ascii_lowercase();
    let distance = |call: &Call| {
        let endpoint = call.endpoint();
        let known = endpoint.path.to_ascii_lowercase();
        let other_method = usize::from(endpoint.method.as_str() != method);
        // A path that stops short, or misses the version, is nearer than one with other letters.
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

    const NOTHING: Scene<'static> = Scene {
        method: "GET",
        path: "/v1/Management/users",
        call: Some(Call::ReadUser),
        status: 200,
        envelope_status: None,
        sends_text_for_token: false,
        key_from_foreign_page: false,
        misplaced_field: None,
        refresh_token: None,
        login_instead_of_refresh: false,
    };

    fn says(scene: Scene<'_>, part: &str) {
        let hint = hint(&scene).unwrap_or_default();
        assert!(hint.contains(part), "{scene:?}: {hint:?}");
    }

    fn unknown(method: &'static str, path: &'static str) -> Scene<'static> {
        Scene { method, path, call: None, status: 404, ..NOTHING }
    }

    #[test]
    fn a_good_call_gets_no_hint() {
        assert_eq!(hint(&NOTHING), None);
    }

    #[test]
    fn a_registration_without_create_is_told_the_whole_path() {
        let expected = "POST /v1/registration does not exist; did you mean POST /v1/Registration/Create?";
        assert_eq!(hint(&unknown("POST", "/v1/registration")).as_deref(), Some(expected));
    }

    #[test]
    fn a_path_without_its_version_or_with_a_slip_is_told_the_right_one() {
        says(unknown("POST", "/Auth/Login"), "/v1/Auth/Login");
        says(unknown("POST", "/v1/Auth/RefeshToken"), "/v1/Auth/RefreshToken");
        says(unknown("PUT", "/v1/Management/user"), "PUT /v1/Management/users");
        assert_eq!(hint(&unknown("GET", "/favicon.ico")), None);
    }

    #[test]
    fn a_device_token_read_at_the_top_level_shows_as_undefined() {
        says(Scene { status: 401, sends_text_for_token: true, ..NOTHING }, "Result.AccessToken.Token");
    }

    #[test]
    fn a_client_id_at_the_top_level_is_told_where_it_belongs() {
        says(Scene { misplaced_field: Some("ClientId"), ..NOTHING }, "ClientId at the top level is ignored");
    }

    #[test]
    fn a_login_instead_of_a_refresh_is_told_to_refresh() {
        says(Scene { login_instead_of_refresh: true, ..NOTHING }, "refresh first");
    }

    #[test]
    fn an_old_refresh_token_is_told_to_be_replaced() {
        says(
            Scene { status: 401, refresh_token: Some(RefreshFault::AlreadyUsed), ..NOTHING },
            "keep that in its place",
        );
        says(Scene { status: 401, refresh_token: Some(RefreshFault::Revoked), ..NOTHING }, "one refresh run at a time");
    }

    #[test]
    fn an_update_repeated_as_a_post_is_told_to_be_a_put() {
        says(Scene { method: "POST", call: None, status: 405, ..NOTHING }, "an update is a PUT");
    }

    #[test]
    fn an_instance_key_in_a_web_page_is_called_a_secret() {
        says(Scene { key_from_foreign_page: true, ..NOTHING }, "secret of the whole instance");
    }

    #[test]
    fn a_failure_under_http_200_is_pointed_out() {
        says(Scene { envelope_status: Some(500), ..NOTHING }, "the body decides");
    }
}
