//! The family of refresh tokens of an owner. Every registration and every login starts a family; a refresh moves it to its next
//! generation \[P\].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::occasion::Occasion;
use super::refresh_token::TokenPosition;
use super::refusal::RefreshTokenFault;
use super::rotation::Rotation;
use super::time::{Period, Timestamp};

/// The number of retired generations that a family remembers.
pub const REMEMBERED_GENERATIONS: usize = 32;

/// A pair of tokens as it was issued, with everything that is needed to issue the same pair again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The position of the refresh token.
    pub position: TokenPosition,
    /// The number of the access token.
    pub access_number: u64,
    /// The time of issue.
    pub issued: Timestamp,
    /// The access token is expired from this time on; a whole second.
    pub access_expires: Timestamp,
    /// The lifetime of the access token when it was issued.
    pub access_lifetime: Period,
    /// The refresh token is expired from this time on.
    pub refresh_expires: Timestamp,
}

impl Pair {
    /// The remaining lifetime of the access token in seconds; at most the lifetime that it was issued with.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> u32 {
        // `exp` is rounded up to a whole second, which must not lengthen the lifetime that is told to the client.
        self.access_expires.since(now).min(self.access_lifetime).seconds_rounded_up()
    }
}

/// The reason for which a family's refresh token is revoked before it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevokedBy {
    /// A used token of the family was presented again.
    Reuse,
    /// The control API expired it.
    Request,
}

/// The live family of an owner: its current pair, and the generations before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Family {
    current: Pair,
    /// Most families were never refreshed or revoked, so the rest takes memory only if it exists.
    history: Option<Box<History>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct History {
    parent: Option<TokenPosition>,
    revoked: Option<(RevokedBy, Occasion)>,
    retired: VecDeque<RetiredGeneration>,
}

/// A generation that is no longer current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiredGeneration {
    /// The generation.
    pub position: TokenPosition,
    /// The generation before it; `None` for the first one of a family.
    pub parent: Option<TokenPosition>,
    /// The reason.
    pub by: RetiredBy,
    /// The time and the request that retired it.
    pub on: Occasion,
}

/// The reason for which a generation is no longer current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetiredBy {
    /// A refresh used it.
    Use,
    /// A refresh with an earlier generation started another one. Its own token is still usable.
    Overtaken,
    /// A login started another family \[S\].
    Login,
    /// It had been revoked before.
    Revocation(RevokedBy),
}

/// The right of a refresh token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The family moves on to a pair at the position `to`, because the token at the position `used` was used.
    Rotate {
        /// The position of the token.
        used: TokenPosition,
        /// The position of the next pair.
        to: TokenPosition,
    },
    /// The current pair is returned again.
    Repeat(Pair),
}

impl Family {
    /// A family that starts with this pair.
    #[must_use]
    pub const fn new(pair: Pair) -> Self {
        Self { current: pair, history: None }
    }

    /// A family that starts with this pair, and remembers the generations of the family before it.
    #[must_use]
    pub fn succeeding(mut before: Self, pair: Pair, on: Occasion) -> Self {
        match before.revocation() {
            None => before.retire(RetiredBy::Login, on),
            Some((by, on)) => before.retire(RetiredBy::Revocation(by), on),
        }
        before.retire_overtaken(RetiredBy::Login, on);
        let history = before.history_mut();
        (history.parent, history.revoked) = (None, None);
        Self { current: pair, ..before }
    }

    /// The current pair.
    #[must_use]
    pub const fn current(&self) -> Pair {
        self.current
    }

    /// The generation that was used to get the current one; `None` for the first one of a family.
    #[must_use]
    pub fn parent(&self) -> Option<TokenPosition> {
        self.history.as_ref()?.parent
    }

    /// The revocation of the refresh token, if it was revoked before it expired.
    #[must_use]
    pub fn revocation(&self) -> Option<(RevokedBy, Occasion)> {
        self.history.as_ref()?.revoked
    }

    /// The retired generations, the latest last; at most [`REMEMBERED_GENERATIONS`].
    pub fn retired(&self) -> impl DoubleEndedIterator<Item = &RetiredGeneration> + Clone {
        self.history.iter().flat_map(|history| &history.retired)
    }

    /// Revokes the family's refresh token. A second revocation changes nothing.
    pub fn revoke(&mut self, by: RevokedBy, on: Occasion) {
        let (by, on) = *self.history_mut().revoked.get_or_insert((by, on));
        self.retire_overtaken(RetiredBy::Revocation(by), on);
    }

    /// Decides about an authentic refresh token of the family's owner. A reuse can revoke the family.
    ///
    /// # Errors
    ///
    /// The token is not accepted.
    pub fn redeem(
        &mut self,
        token: TokenPosition,
        on: Occasion,
        rotation: Rotation,
    ) -> Result<Redemption, RefreshTokenFault> {
        if token.family != self.current.position.family {
            return Err(RefreshTokenFault::Superseded);
        }
        match self.revocation() {
            Some((RevokedBy::Reuse, _)) => return Err(RefreshTokenFault::Revoked),
            Some((RevokedBy::Request, _)) => return Err(RefreshTokenFault::Expired),
            None => {}
        }
        if on.at >= self.current.refresh_expires {
            return Err(RefreshTokenFault::Expired);
        }
        // The number of generations since the token was the current one.
        match self.current.position.generation.checked_sub(token.generation) {
            // An authentic token of a generation that this server has not reached: a snapshot was restored.
            None => Err(RefreshTokenFault::Unknown),
            Some(0) if rotation == Rotation::Off => Ok(Redemption::Rotate { used: token, to: token }),
            Some(0) => Ok(self.rotate(token)),
            Some(_) => self.reuse(token, on, rotation),
        }
    }

    /// A refresh with this token, which starts the generation after the current one.
    const fn rotate(&self, used: TokenPosition) -> Redemption {
        let current = self.current.position;
        Redemption::Rotate {
            used,
            to: TokenPosition { generation: current.generation.saturating_add(1), family: current.family },
        }
    }

    fn reuse(
        &mut self,
        token: TokenPosition,
        on: Occasion,
        rotation: Rotation,
    ) -> Result<Redemption, RefreshTokenFault> {
        let retired = self.retired().rev().find(|retired| retired.position == token);
        if retired.is_some_and(|retired| retired.by == RetiredBy::Overtaken) {
            return Ok(self.rotate(token));
        }
        // A generation that is no longer remembered was used before the oldest one of its family that is.
        let oldest = || self.retired().find(|retired| retired.position.family == token.family);
        let used = retired.or_else(oldest).map(|retired| retired.on.at);
        let is_in = |grace| used.is_some_and(|used| on.at.since(used) < grace);
        match rotation {
            Rotation::Grace(grace) if is_in(grace) => return Ok(Redemption::Repeat(self.current)),
            Rotation::Supabase(grace) if is_in(grace) || self.parent() == Some(token) => {
                return Ok(Redemption::Repeat(self.current));
            }
            Rotation::HydraGrace(grace) if is_in(grace) => return Ok(self.rotate(token)),
            Rotation::Keycloak => return Ok(self.rotate(token)),
            Rotation::Strict | Rotation::Grace(_) | Rotation::Supabase(_) | Rotation::HydraGrace(_) => {
                self.revoke(RevokedBy::Reuse, on);
            }
            Rotation::Reuse | Rotation::Off => {}
        }
        Err(RefreshTokenFault::AlreadyUsed)
    }

    /// Replaces the current pair, because the refresh token at the position `used` was used.
    pub fn advance(&mut self, used: TokenPosition, next: Pair, on: Occasion) {
        if used == self.current.position {
            if next.position != used {
                self.retire(RetiredBy::Use, on);
                self.history_mut().parent = Some(used);
            }
        } else {
            let overtaken = self.history_mut().retired.iter_mut().rev().find(|retired| retired.position == used);
            if let Some(overtaken) = overtaken.filter(|retired| retired.by == RetiredBy::Overtaken) {
                (overtaken.by, overtaken.on) = (RetiredBy::Use, on);
            }
            self.retire(RetiredBy::Overtaken, on);
            self.history_mut().parent = Some(used);
        }
        self.current = next;
    }

    /// Ends the generations that were overtaken and are still usable.
    fn retire_overtaken(&mut self, by: RetiredBy, on: Occasion) {
        let Some(history) = &mut self.history else { return };
        for retired in history.retired.iter_mut().filter(|retired| retired.by == RetiredBy::Overtaken) {
            (retired.by, retired.on) = (by, on);
        }
    }

    fn retire(&mut self, by: RetiredBy, on: Occasion) {
        let position = self.current.position;
        let history = self.history_mut();
        if history.retired.len() == REMEMBERED_GENERATIONS {
            history.retired.pop_front();
        }
        let parent = history.parent;
        history.retired.push_back(RetiredGeneration { position, parent, by, on });
    }

    fn history_mut(&mut self) -> &mut History {
        self.history.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests;
