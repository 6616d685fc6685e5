//! Tokens in a chosen state, for the users that tests create: expired, used, superseded, revoked.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::credentials::{Credentials, Lifetimes};
use super::family::{Pair, RevokedBy};
use super::issue::Issue;
use super::occasion::Occasion;
use super::time::{Period, seconds};

/// The state of an access token that is handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessTokenState {
    /// It is valid for its usual lifetime.
    #[default]
    Valid,
    /// It has expired, even if the clock skew is taken into account.
    Expired,
    /// It is valid for this time.
    ExpiresIn(Period),
    /// There is no access token.
    None,
}

/// The state of a refresh token that is handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefreshTokenState {
    /// A refresh with it succeeds.
    #[default]
    Live,
    /// A refresh has used it. The family has a next generation, which nobody knows.
    Used,
    /// A login has started another family.
    Superseded,
    /// A used token of its family was presented again.
    Revoked,
    /// Its lifetime is over.
    Expired,
    /// There is no refresh token.
    None,
}

/// The time since which an expired access token has expired. The back ends that a test calls may allow for some minutes of skew.
const EXPIRED_FOR: Period = Period::from_seconds(3600);

/// The states of a pair of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TokenStates {
    pub(super) access: AccessTokenState,
    pub(super) refresh: RefreshTokenState,
}

impl TokenStates {
    /// The tokens of a registration, which wants both or none.
    pub(super) fn wanted(tokens: bool) -> Self {
        if tokens { Self::default() } else { Self { access: AccessTokenState::None, refresh: RefreshTokenState::None } }
    }

    /// Brings the tokens of an owner into these states, and returns the pair that is handed out; `None` if there is none. Earlier
    /// tokens stay as they are if there is no refresh token, and are superseded as by a login otherwise.
    pub(super) fn arrange(
        self,
        credentials: &mut Credentials,
        on: Occasion,
        lifetimes: Lifetimes,
        clock_skew: Period,
    ) -> Option<Pair> {
        // A JWT expires at a whole second, which is rounded up.
        let ended = on.at.minus(clock_skew).minus(EXPIRED_FOR);
        let (issued, access) = match self.access {
            AccessTokenState::Expired => {
                let issued = ended.minus(lifetimes.access);
                (issued, ended.since(issued))
            }
            AccessTokenState::ExpiresIn(period) => (on.at, period),
            AccessTokenState::Valid | AccessTokenState::None => (on.at, lifetimes.access),
        };
        let refresh_expires = match self.refresh {
            RefreshTokenState::Expired => on.at,
            RefreshTokenState::Live
            | RefreshTokenState::Used
            | RefreshTokenState::Superseded
            | RefreshTokenState::Revoked
            | RefreshTokenState::None => on.at.plus(lifetimes.refresh),
        };
        let wanted = Lifetimes { access, refresh: refresh_expires.since(issued) };
        match self.refresh {
            RefreshTokenState::None => {
                (self.access != AccessTokenState::None).then(|| credentials.issue_access_token(issued, wanted))
            }
            RefreshTokenState::Live | RefreshTokenState::Expired => {
                Some(credentials.start_family_issued_at(issued, on, wanted))
            }
            RefreshTokenState::Used => {
                let pair = credentials.start_family_issued_at(issued, on, wanted);
                credentials.advance_from(pair, on.at, on, lifetimes);
                Some(pair)
            }
            RefreshTokenState::Superseded => {
                let pair = credentials.start_family_issued_at(issued, on, wanted);
                credentials.start_family(on, lifetimes);
                Some(pair)
            }
            RefreshTokenState::Revoked => {
                let used = credentials.start_family_issued_at(issued, on, wanted);
                let pair = credentials.advance_from(used, issued, on, wanted);
                credentials.revoke_family(RevokedBy::Reuse, on);
                Some(pair)
            }
        }
    }

    /// Leaves out the tokens that nobody gets.
    pub(super) fn hand_out(self, issue: Issue) -> Issue {
        issue.only(self.access != AccessTokenState::None, self.refresh != RefreshTokenState::None)
    }
}

/// `"valid"`, `"expired"`, `"none"` or `{ "expiresIn": seconds or duration }`.
impl<'de> Deserialize<'de> for AccessTokenState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct State;
        impl<'de> Visitor<'de> for State {
            type Value = AccessTokenState;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#""valid", "expired", "none" or an object with the field expiresIn"#)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AccessTokenState, E> {
                match text {
                    "valid" => Ok(AccessTokenState::Valid),
                    "expired" => Ok(AccessTokenState::Expired),
                    "none" => Ok(AccessTokenState::None),
                    _ => Err(E::unknown_variant("", &["valid", "expired", "none"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AccessTokenState, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Lifetime {
                    // The second name is that of the configuration file.
                    #[serde(
                        rename = "expiresIn",
                        alias = "expires-in",
                        deserialize_with = "seconds::deserialize_or_duration"
                    )]
                    expires_in: Period,
                }
                let Lifetime { expires_in } = Lifetime::deserialize(MapAccessDeserializer::new(map))?;
                Ok(AccessTokenState::ExpiresIn(expires_in))
            }
        }
        deserializer.deserialize_any(State)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::refusal::RefreshTokenFault;
    use crate::service::rotation::Rotation;
    use crate::service::time::Timestamp;
    use crate::service::token_views::{GenerationState, GenerationView};

    const LIFETIMES: Lifetimes = Lifetimes { access: Period::from_seconds(60), refresh: Period::from_seconds(600) };
    const SKEW: Period = Period::from_seconds(5);
    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_500_000);

    fn arranged(access: AccessTokenState, refresh: RefreshTokenState) -> (Credentials, Option<Pair>) {
        let mut credentials = Credentials::new(1);
        let on = Occasion { at: NOW, request: None };
        let pair = TokenStates { access, refresh }.arrange(&mut credentials, on, LIFETIMES, SKEW);
        (credentials, pair)
    }

    #[test]
    fn a_refresh_token_is_in_the_wanted_state_whatever_the_state_of_the_access_token() {
        for access in [
            AccessTokenState::Valid,
            AccessTokenState::Expired,
            AccessTokenState::None,
            AccessTokenState::ExpiresIn(Period::ZERO),
        ] {
            for (state, fault, shown) in [
                (RefreshTokenState::Live, None, GenerationState::Live),
                (RefreshTokenState::Used, Some(RefreshTokenFault::AlreadyUsed), GenerationState::Used),
                (RefreshTokenState::Superseded, Some(RefreshTokenFault::Superseded), GenerationState::Superseded),
                (RefreshTokenState::Revoked, Some(RefreshTokenFault::Revoked), GenerationState::Revoked),
                (RefreshTokenState::Expired, Some(RefreshTokenFault::Expired), GenerationState::Expired),
            ] {
                let (mut credentials, pair) = arranged(access, state);
                let position = pair.unwrap().position;
                let family = credentials.family().unwrap();
                let mut views: Vec<_> = family.retired().map(GenerationView::retired).collect();
                views.push(GenerationView::current(family, NOW));
                let view = views.iter().find(|view| view.position == position).unwrap();
                assert_eq!(view.state, shown, "{access:?}");
                let on = Occasion { at: NOW, request: None };
                let redeemed = credentials.redeem(Some(position), on, Rotation::Strict, LIFETIMES);
                assert_eq!(redeemed.err(), fault, "{access:?} {state:?}");
            }
        }
    }

    #[test]
    fn an_access_token_expires_when_it_should() {
        for refresh in [RefreshTokenState::Live, RefreshTokenState::Revoked, RefreshTokenState::None] {
            let expires = |access| arranged(access, refresh).1.unwrap().access_expires;
            assert!(expires(AccessTokenState::Expired).plus(SKEW) <= NOW);
            assert_eq!(expires(AccessTokenState::Valid), Timestamp::from_seconds(1_000_061));
            let lifetime = AccessTokenState::ExpiresIn(Period::from_seconds(2));
            assert_eq!(expires(lifetime), Timestamp::from_seconds(1_000_003));
        }
    }

    #[test]
    fn an_owner_without_a_refresh_token_has_no_family() {
        assert!(arranged(AccessTokenState::Valid, RefreshTokenState::None).0.family().is_none());
        assert!(arranged(AccessTokenState::None, RefreshTokenState::None).1.is_none());
    }

    #[test]
    fn the_state_of_an_access_token_is_a_name_or_a_lifetime() {
        let read = |text| serde_json::from_str::<AccessTokenState>(text);
        assert_eq!(read(r#""expired""#).unwrap(), AccessTokenState::Expired);
        let minute = AccessTokenState::ExpiresIn(Period::from_seconds(60));
        assert_eq!(read(r#"{"expiresIn":60}"#).unwrap(), minute);
        assert_eq!(read(r#"{"expiresIn":"1m"}"#).unwrap(), minute);
        for wrong in [r#""soon""#, "60", "{}", r#"{"expiresIn":-1}"#, r#"{"expiresIn":"soon"}"#, r#"{"in":1}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
