//! The tokens of one owner, a user or an admin: which access tokens are good, and the live family of refresh tokens.

use serde::{Deserialize, Serialize};

use super::jwt::TokenId;
use super::refusal::{AccessTokenFault, RefreshTokenFault};
use super::time::{Period, Timestamp};
use super::tokens::{Death, End, Family, Pair, Place, Rotation, Worth};

/// The tokens of one owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    birth: u64,
    family: Option<Family>,
    families: u32,
    access_issued: u64,
    access_expired: u64,
}

/// How long the tokens of a pair live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of the access token.
    pub access: Period,
    /// Of the refresh token.
    pub refresh: Period,
}

impl Credentials {
    /// No tokens yet; `birth` is random, and tells the owner from an earlier one with the same id.
    #[must_use]
    pub const fn new(birth: u64) -> Self {
        Self { birth, family: None, families: 0, access_issued: 0, access_expired: 0 }
    }

    /// Tells the owner from an earlier one with the same id.
    #[must_use]
    pub const fn birth(&self) -> u64 {
        self.birth
    }

    /// The live family.
    #[must_use]
    pub const fn family(&self) -> Option<&Family> {
        self.family.as_ref()
    }

    /// Judges an access token that was signed here.
    ///
    /// # Errors
    ///
    /// Its time is over, or it is of an earlier owner.
    pub fn judge(&self, id: TokenId, expires: Timestamp, now: Timestamp) -> Result<(), AccessTokenFault> {
        if id.birth != self.birth {
            Err(AccessTokenFault::UserGone)
        } else if now >= expires || id.number <= self.access_expired {
            Err(AccessTokenFault::Expired)
        } else {
            Ok(())
        }
    }

    /// Starts a new family and retires the one before, as every registration and login does \[P\].
    pub fn start_family(&mut self, end: End, lifetimes: Lifetimes) -> Pair {
        self.families = self.families.saturating_add(1);
        let pair = self.issue(Place { family: self.families, generation: 1 }, end.at, lifetimes);
        self.family = Some(match self.family.take() {
            Some(before) => Family::succeeding(before, pair, end),
            None => Family::new(pair),
        });
        pair
    }

    /// Exchanges the refresh token at `place` for a pair.
    ///
    /// # Errors
    ///
    /// The token buys nothing.
    pub fn redeem(
        &mut self,
        place: Option<Place>,
        end: End,
        rotation: Rotation,
        lifetimes: Lifetimes,
    ) -> Result<Pair, RefreshTokenFault> {
        let place = place.ok_or(RefreshTokenFault::Unknown)?;
        let family = self.family.as_mut().ok_or(RefreshTokenFault::Unknown)?;
        match family.redeem(place, end, rotation)? {
            Worth::Again(pair) => Ok(pair),
            Worth::Next(place) => {
                let pair = self.issue(place, end.at, lifetimes);
                if let Some(family) = &mut self.family {
                    family.advance(pair, end);
                }
                Ok(pair)
            }
        }
    }

    fn issue(&mut self, place: Place, now: Timestamp, lifetimes: Lifetimes) -> Pair {
        self.access_issued = self.access_issued.saturating_add(1);
        Pair {
            place,
            access_number: self.access_issued,
            issued: now,
            // A JWT counts in whole seconds, and must not die before the lifetime it was given [P].
            access_expires: Timestamp::from_seconds(now.plus(lifetimes.access).seconds_rounded_up()),
            access_lifetime: lifetimes.access,
            refresh_expires: now.plus(lifetimes.refresh),
        }
    }

    /// Expires every access token given out so far.
    pub const fn expire_access_tokens(&mut self) {
        self.access_expired = self.access_issued;
    }

    /// Expires the refresh token.
    pub fn expire_refresh_token(&mut self, end: End) {
        if let Some(family) = &mut self.family {
            family.kill(Death::ExpiredOnRequest, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes = Lifetimes { access: Period::from_seconds(10), refresh: Period::from_seconds(20) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn end(seconds: i64) -> End {
        End { at: at(seconds), by: 0 }
    }

    fn judged(credentials: &Credentials, pair: Pair, now: Timestamp) -> Result<(), AccessTokenFault> {
        let id = TokenId { birth: credentials.birth(), number: pair.access_number };
        credentials.judge(id, pair.access_expires, now)
    }

    #[test]
    fn a_login_starts_a_family_of_its_own() {
        let mut credentials = Credentials::new(1);
        let first = credentials.start_family(end(0), LIFETIMES);
        let second = credentials.start_family(end(0), LIFETIMES);
        assert_eq!((first.place.family, second.place.family), (1, 2));
        assert_eq!(judged(&credentials, first, at(9)), Ok(()), "a login does not end access tokens");
        let old = credentials.redeem(Some(first.place), end(1), Rotation::Strict, LIFETIMES);
        assert_eq!(old, Err(RefreshTokenFault::Superseded));
    }

    #[test]
    fn an_access_token_is_expired_from_its_second_on() {
        let mut credentials = Credentials::new(1);
        let pair = credentials.start_family(end(0), LIFETIMES);
        assert_eq!(judged(&credentials, pair, at(9)), Ok(()));
        assert_eq!(judged(&credentials, pair, at(10)), Err(AccessTokenFault::Expired));
    }

    #[test]
    fn only_the_access_tokens_so_far_are_expired_on_request() {
        let mut credentials = Credentials::new(1);
        let before = credentials.start_family(end(0), LIFETIMES);
        credentials.expire_access_tokens();
        let after = credentials.redeem(Some(before.place), end(0), Rotation::Off, LIFETIMES).unwrap();
        assert_eq!(judged(&credentials, before, at(0)), Err(AccessTokenFault::Expired));
        assert_eq!(judged(&credentials, after, at(0)), Ok(()));
    }

    #[test]
    fn tokens_of_an_earlier_owner_are_dead() {
        let mut earlier = Credentials::new(1);
        let pair = earlier.start_family(end(0), LIFETIMES);
        let id = TokenId { birth: 1, number: pair.access_number };
        assert_eq!(Credentials::new(2).judge(id, pair.access_expires, at(0)), Err(AccessTokenFault::UserGone));
    }
}
