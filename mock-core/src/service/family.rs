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
    /// A login started another family \[S\].
    Login,
    /// It had been revoked before.
    Revocation(RevokedBy),
}

/// The right of a refresh token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The family moves on to a pair at this position.
    Rotate(TokenPosition),
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
    pub fn retired(&self) -> impl DoubleEndedIterator<Item = &RetiredGeneration> {
        self.history.iter().flat_map(|history| &history.retired)
    }

    /// Revokes the family's refresh token. A second revocation changes nothing.
    pub fn revoke(&mut self, by: RevokedBy, on: Occasion) {
        self.history_mut().revoked.get_or_insert((by, on));
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
            Some(0) => Ok(Redemption::Rotate(match rotation {
                Rotation::Off => token,
                Rotation::Strict | Rotation::Grace(_) | Rotation::Reuse => {
                    TokenPosition { generation: token.generation.saturating_add(1), ..token }
                }
            })),
            Some(_) => self.reuse(token, on, rotation),
        }
    }

    fn reuse(
        &mut self,
        token: TokenPosition,
        on: Occasion,
        rotation: Rotation,
    ) -> Result<Redemption, RefreshTokenFault> {
        let used = self.retired().rev().find(|retired| retired.position == token).map(|retired| retired.on.at);
        match rotation {
            Rotation::Grace(grace) if used.is_some_and(|used| on.at.since(used) < grace) => {
                return Ok(Redemption::Repeat(self.current));
            }
            Rotation::Strict | Rotation::Grace(_) => self.revoke(RevokedBy::Reuse, on),
            Rotation::Reuse | Rotation::Off => {}
        }
        Err(RefreshTokenFault::AlreadyUsed)
    }

    /// Replaces the current pair, whose refresh token was used.
    pub fn advance(&mut self, next: Pair, on: Occasion) {
        if next.position.generation != self.current.position.generation {
            let used = self.current.position;
            self.retire(RetiredBy::Use, on);
            self.history_mut().parent = Some(used);
        }
        self.current = next;
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
mod tests {
    use super::super::occasion::RequestNumber;
    use super::*;

    const DAY: Period = Period::from_seconds(86_400);
    const GRACE: Rotation = Rotation::Grace(Period::from_seconds(10));

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    const fn on(seconds: i64) -> Occasion {
        Occasion { at: at(seconds), request: None }
    }

    const fn by(seconds: i64, request: u64) -> Occasion {
        Occasion { at: at(seconds), request: RequestNumber::new(request) }
    }

    const fn position(family: u32, generation: u32) -> TokenPosition {
        TokenPosition { family, generation }
    }

    fn pair(position: TokenPosition, now: Timestamp) -> Pair {
        Pair {
            position,
            access_number: 1,
            issued: now,
            access_expires: now.plus(DAY),
            access_lifetime: DAY,
            refresh_expires: now.plus(DAY),
        }
    }

    /// A family whose first token was used at second 100.
    fn rotated(rotation: Rotation) -> Family {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        let Ok(Redemption::Rotate(next)) = family.redeem(position(1, 1), on(100), rotation) else {
            panic!("the current token must be accepted")
        };
        family.advance(pair(next, at(100)), on(100));
        family
    }

    #[test]
    fn a_repeated_pair_never_claims_a_longer_lifetime_than_it_was_issued_with() {
        let issued = Timestamp::from_seconds(100).moved(1);
        let lifetime = Period::from_seconds(60);
        let issued_pair = Pair {
            access_expires: Timestamp::from_seconds(issued.plus(lifetime).seconds_rounded_up()),
            access_lifetime: lifetime,
            ..pair(position(1, 1), issued)
        };
        for (later, expected) in [(0, 60), (100_000, 60), (1_000_000, 60), (2_000_000, 59), (99_000_000, 0)] {
            assert_eq!(issued_pair.expires_in(issued.moved(later)), expected, "{later} µs later");
        }
    }

    #[test]
    fn a_refresh_moves_the_family_to_the_next_generation() {
        assert_eq!(rotated(Rotation::Strict).current().position, position(1, 2));
    }

    #[test]
    fn without_rotation_a_refresh_does_not_change_the_token() {
        assert_eq!(rotated(Rotation::Off).current().position, position(1, 1));
    }

    #[test]
    fn a_used_token_revokes_its_family_under_strict() {
        let mut family = rotated(Rotation::Strict);
        assert_eq!(family.redeem(position(1, 1), on(101), Rotation::Strict), Err(RefreshTokenFault::AlreadyUsed));
        assert_eq!(family.redeem(position(1, 2), on(102), Rotation::Strict), Err(RefreshTokenFault::Revoked));
    }

    #[test]
    fn a_used_token_gives_the_current_pair_again_within_the_grace_period() {
        let mut family = rotated(GRACE);
        assert_eq!(family.redeem(position(1, 1), on(109), GRACE), Ok(Redemption::Repeat(family.current())));
        assert_eq!(family.redeem(position(1, 1), on(110), GRACE), Err(RefreshTokenFault::AlreadyUsed));
        assert_eq!(family.redeem(position(1, 2), on(111), GRACE), Err(RefreshTokenFault::Revoked));
    }

    #[test]
    fn the_grace_period_starts_with_the_use_of_the_same_token() {
        let mut family = rotated(GRACE);
        family.advance(pair(position(1, 3), at(105)), on(105));
        assert_eq!(family.redeem(position(1, 1), on(109), GRACE), Ok(Redemption::Repeat(family.current())));
        assert_eq!(family.redeem(position(1, 2), on(114), GRACE), Ok(Redemption::Repeat(family.current())));
        assert_eq!(family.redeem(position(1, 1), on(114), GRACE), Err(RefreshTokenFault::AlreadyUsed));
    }

    #[test]
    fn a_used_token_revokes_nothing_under_reuse() {
        let mut family = rotated(Rotation::Reuse);
        assert_eq!(family.redeem(position(1, 1), on(101), Rotation::Reuse), Err(RefreshTokenFault::AlreadyUsed));
        let next = family.redeem(position(1, 2), on(102), Rotation::Reuse);
        assert_eq!(next, Ok(Redemption::Rotate(position(1, 3))));
    }

    #[test]
    fn a_token_of_a_superseded_family_does_not_revoke_the_live_one() {
        let mut family = Family::new(pair(position(2, 1), at(0)));
        assert_eq!(family.redeem(position(1, 1), on(1), Rotation::Strict), Err(RefreshTokenFault::Superseded));
        let next = family.redeem(position(2, 1), on(2), Rotation::Strict);
        assert_eq!(next, Ok(Redemption::Rotate(position(2, 2))));
    }

    #[test]
    fn a_token_expires_at_its_expiry_second() {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        assert!(family.redeem(position(1, 1), on(86_399), Rotation::Strict).is_ok());
        assert_eq!(family.redeem(position(1, 1), on(86_400), Rotation::Strict), Err(RefreshTokenFault::Expired));
    }

    #[test]
    fn a_token_can_be_expired_on_request() {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        family.revoke(RevokedBy::Request, on(0));
        assert_eq!(family.redeem(position(1, 1), on(1), Rotation::Strict), Err(RefreshTokenFault::Expired));
    }

    #[test]
    fn a_family_remembers_why_its_generations_were_retired() {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        family.advance(pair(position(1, 2), at(5)), by(5, 7));
        let family = Family::succeeding(family, pair(position(2, 1), at(9)), by(9, 8));
        let retired: Vec<_> = family.retired().map(|retired| (retired.position, retired.parent, retired.by)).collect();
        assert_eq!(
            retired,
            [(position(1, 1), None, RetiredBy::Use), (position(1, 2), Some(position(1, 1)), RetiredBy::Login)]
        );
        let requests: Vec<_> = family.retired().filter_map(|retired| retired.on.request).collect();
        assert_eq!(requests.iter().map(|request| request.get()).collect::<Vec<_>>(), [7, 8]);
        assert_eq!((family.parent(), family.revocation()), (None, None));
    }

    #[test]
    fn a_revoked_family_stays_revoked_in_the_history_of_the_next_one() {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        family.revoke(RevokedBy::Request, by(3, 1));
        let family = Family::succeeding(family, pair(position(2, 1), at(9)), by(9, 2));
        let retired: Vec<_> = family.retired().map(|retired| (retired.by, retired.on)).collect();
        assert_eq!(retired, [(RetiredBy::Revocation(RevokedBy::Request), by(3, 1))]);
    }

    #[test]
    fn a_family_remembers_a_bounded_number_of_generations() {
        let mut family = Family::new(pair(position(1, 1), at(0)));
        for generation in 2..200 {
            family.advance(pair(position(1, generation), at(1)), on(1));
        }
        assert_eq!(family.retired().count(), REMEMBERED_GENERATIONS);
        let oldest = 199 - REMEMBERED_GENERATIONS as u32;
        assert!(family.redeem(position(1, oldest), on(2), GRACE).is_ok());
        assert_eq!(family.redeem(position(1, oldest - 1), on(2), GRACE), Err(RefreshTokenFault::AlreadyUsed));
    }
}
