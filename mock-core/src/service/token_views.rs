//! The refresh tokens of a user, as the control API shows them.

use serde::Serialize;

use super::family::{Family, RetiredBy, RetiredGeneration, RevokedBy};
use super::ids::InstanceId;
use super::occasion::Occasion;
use super::refresh_token::TokenPosition;
use super::time::Timestamp;

/// The refresh tokens of a user, as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokensView {
    /// The user's instance.
    pub instance: InstanceId,
    /// The generations that the server remembers, the oldest first. The last one is the current one.
    pub generations: Vec<GenerationView>,
}

/// A generation of a family of refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationView {
    /// The generation.
    pub position: TokenPosition,
    /// The generation before it; `None` for the first one of a family.
    pub parent: Option<TokenPosition>,
    /// The state of its refresh token.
    pub state: GenerationState,
    /// The time and the request that ended it; `None` if it is live or expired by itself.
    pub ended: Option<Occasion>,
    /// The expiry of its refresh token; `None` for a generation that is not current.
    pub expires: Option<Timestamp>,
}

/// The state of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GenerationState {
    /// A refresh with it succeeds.
    Live,
    /// A refresh used it.
    Used,
    /// A login started another family.
    Superseded,
    /// A used token of its family was presented again.
    Revoked,
    /// It expired, by itself or on request.
    Expired,
}

impl From<RevokedBy> for GenerationState {
    fn from(by: RevokedBy) -> Self {
        match by {
            RevokedBy::Reuse => Self::Revoked,
            RevokedBy::Request => Self::Expired,
        }
    }
}

impl GenerationView {
    /// A generation that is no longer current.
    pub(super) fn retired(retired: &RetiredGeneration) -> Self {
        let RetiredGeneration { position, parent, by, on } = *retired;
        let state = match by {
            RetiredBy::Use => GenerationState::Used,
            RetiredBy::Overtaken => {
                return Self { position, parent, state: GenerationState::Live, ended: None, expires: None };
            }
            RetiredBy::Login => GenerationState::Superseded,
            RetiredBy::Revocation(by) => by.into(),
        };
        Self { position, parent, state, ended: Some(on), expires: None }
    }

    /// The current generation of a family.
    pub(super) fn current(family: &Family, now: Timestamp) -> Self {
        let pair = family.current();
        let (state, ended) = match family.revocation() {
            Some((by, on)) => (by.into(), Some(on)),
            None if now >= pair.refresh_expires => (GenerationState::Expired, None),
            None => (GenerationState::Live, None),
        };
        Self { position: pair.position, parent: family.parent(), state, ended, expires: Some(pair.refresh_expires) }
    }
}
