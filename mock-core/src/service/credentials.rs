//! The credentials of one owner, a user or an admin: its valid access tokens, and its live family of refresh tokens.

use serde::{Deserialize, Serialize};

use super::family::{Family, Pair, Redemption, RevokedBy};
use super::jwt::TokenId;
use super::occasion::Occasion;
use super::refresh_token::TokenPosition;
use super::refusal::{AccessTokenFault, RefreshTokenFault};
use super::rotation::Rotation;
use super::time::{Period, Timestamp};

/// The credentials of one owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    incarnation: u64,
    family: Option<Family>,
    families: u32,
    access_issued: u64,
    access_expired: u64,
}

/// The lifetimes of a pair of tokens.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Lifetime of the access token.
    pub access: Period,
    /// Lifetime of the refresh token.
    pub refresh: Period,
}

impl Credentials {
    /// Credentials without tokens. `incarnation` is random, and distinguishes the owner from an earlier one with the same id.
    #[must_use]
    pub const fn new(incarnation: u64) -> Self {
        Self { incarnation, family: None, families: 0, access_issued: 0, access_expired: 0 }
    }

    /// Distinguishes the owner from an earlier one with the same id.
    #[must_use]
    pub const fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// Makes the owner another one to every token that was issued before.
    pub const fn renew(&mut self, incarnation: u64) {
        self.incarnation = incarnation;
    }

    /// The live family.
    #[must_use]
    pub const fn family(&self) -> Option<&Family> {
        self.family.as_ref()
    }

    /// Checks an access token whose signature is valid.
    ///
    /// # Errors
    ///
    /// The token expired, or it belongs to an earlier owner.
    pub fn check_access_token(&self, id: TokenId, expires: Timestamp, now: Timestamp) -> Result<(), AccessTokenFault> {
        if id.incarnation != self.incarnation {
            Err(AccessTokenFault::UserGone)
        } else if now >= expires || id.number <= self.access_expired {
            Err(AccessTokenFault::Expired)
        } else {
            Ok(())
        }
    }

    /// Starts a new family, as every registration and login does \[P\], and retires the family before it.
    pub fn start_family(&mut self, on: Occasion, lifetimes: Lifetimes) -> Pair {
        self.start_family_issued_at(on.at, on, lifetimes)
    }

    /// The same with tokens that were issued at another time.
    pub fn start_family_issued_at(&mut self, issued: Timestamp, on: Occasion, lifetimes: Lifetimes) -> Pair {
        self.families = self.families.saturating_add(1);
        let pair = self.issue(TokenPosition { family: self.families, generation: 1 }, issued, lifetimes);
        self.family = Some(match self.family.take() {
            Some(before) => Family::succeeding(before, pair, on),
            None => Family::new(pair),
        });
        pair
    }

    /// Exchanges the refresh token at `position` for a pair; `None` is a token that the server has not issued.
    ///
    /// # Errors
    ///
    /// The refresh token is not accepted.
    pub fn redeem(
        &mut self,
        position: Option<TokenPosition>,
        on: Occasion,
        rotation: Rotation,
        lifetimes: Lifetimes,
    ) -> Result<Pair, RefreshTokenFault> {
        let position = position.ok_or(RefreshTokenFault::Unknown)?;
        let family = self.family.as_mut().ok_or(RefreshTokenFault::Unknown)?;
        match family.redeem(position, on, rotation)? {
            Redemption::Repeat(pair) => {
                // The refresh token stays the same, but a client needs an access token that it can use.
                let is_dead = on.at >= pair.access_expires || pair.access_number <= self.access_expired;
                Ok(if is_dead { self.replace_access_token(pair, on, lifetimes) } else { pair })
            }
            Redemption::Rotate { used, to } => Ok(self.advance_to((used, to), on.at, on, lifetimes)),
        }
    }

    /// Replaces the access token of the current pair.
    fn replace_access_token(&mut self, current: Pair, on: Occasion, lifetimes: Lifetimes) -> Pair {
        let Pair { position, refresh_expires, .. } = current;
        let pair = Pair { refresh_expires, ..self.issue(position, on.at, lifetimes) };
        if let Some(family) = &mut self.family {
            family.advance(position, pair, on);
        }
        pair
    }

    /// Moves the family to a pair at the position `to`, because the token at the position `used` was used. The tokens of the pair are
    /// issued at the time `issued`.
    fn advance_to(
        &mut self,
        (used, to): (TokenPosition, TokenPosition),
        issued: Timestamp,
        on: Occasion,
        lifetimes: Lifetimes,
    ) -> Pair {
        let pair = self.issue(to, issued, lifetimes);
        if let Some(family) = &mut self.family {
            family.advance(used, pair, on);
        }
        pair
    }

    /// Moves the family from `before` to its next generation, as a refresh does, whose tokens are issued at the time `issued`.
    pub fn advance_from(&mut self, before: Pair, issued: Timestamp, on: Occasion, lifetimes: Lifetimes) -> Pair {
        let TokenPosition { family, generation } = before.position;
        let next = TokenPosition { family, generation: generation.saturating_add(1) };
        self.advance_to((before.position, next), issued, on, lifetimes)
    }

    /// Issues an access token alone. The family stays as it is, so the position of the pair is that of no refresh token.
    pub fn issue_access_token(&mut self, issued: Timestamp, lifetimes: Lifetimes) -> Pair {
        self.issue(TokenPosition { family: 0, generation: 0 }, issued, lifetimes)
    }

    fn issue(&mut self, position: TokenPosition, now: Timestamp, lifetimes: Lifetimes) -> Pair {
        self.access_issued = self.access_issued.saturating_add(1);
        Pair {
            position,
            access_number: self.access_issued,
            issued: now,
            // A JWT counts whole seconds, and must not expire before its lifetime is over [P].
            access_expires: Timestamp::from_seconds(now.plus(lifetimes.access).seconds_rounded_up()),
            access_lifetime: lifetimes.access,
            refresh_expires: now.plus(lifetimes.refresh),
        }
    }

    /// Expires every access token issued so far.
    pub const fn expire_access_tokens(&mut self) {
        self.access_expired = self.access_issued;
    }

    /// Expires the refresh token.
    pub fn expire_refresh_token(&mut self, on: Occasion) {
        self.revoke_family(RevokedBy::Request, on);
    }

    /// Revokes the family.
    pub fn revoke_family(&mut self, by: RevokedBy, on: Occasion) {
        if let Some(family) = &mut self.family {
            family.revoke(by, on);
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

    fn on(seconds: i64) -> Occasion {
        Occasion { at: at(seconds), request: None }
    }

    fn checked(credentials: &Credentials, pair: Pair, now: Timestamp) -> Result<(), AccessTokenFault> {
        let id = TokenId { incarnation: credentials.incarnation(), number: pair.access_number };
        credentials.check_access_token(id, pair.access_expires, now)
    }

    #[test]
    fn a_login_starts_a_new_family() {
        let mut credentials = Credentials::new(1);
        let first = credentials.start_family(on(0), LIFETIMES);
        let second = credentials.start_family(on(0), LIFETIMES);
        assert_eq!((first.position.family, second.position.family), (1, 2));
        assert_eq!(checked(&credentials, first, at(9)), Ok(()), "a login does not end access tokens");
        let old = credentials.redeem(Some(first.position), on(1), Rotation::Strict, LIFETIMES);
        assert_eq!(old, Err(RefreshTokenFault::Superseded));
    }

    #[test]
    fn an_access_token_expires_at_its_expiry_second() {
        let mut credentials = Credentials::new(1);
        let pair = credentials.start_family(on(0), LIFETIMES);
        assert_eq!(checked(&credentials, pair, at(9)), Ok(()));
        assert_eq!(checked(&credentials, pair, at(10)), Err(AccessTokenFault::Expired));
    }

    #[test]
    fn only_access_tokens_issued_before_are_expired_on_request() {
        let mut credentials = Credentials::new(1);
        let before = credentials.start_family(on(0), LIFETIMES);
        credentials.expire_access_tokens();
        let after = credentials.redeem(Some(before.position), on(0), Rotation::Off, LIFETIMES).unwrap();
        assert_eq!(checked(&credentials, before, at(0)), Err(AccessTokenFault::Expired));
        assert_eq!(checked(&credentials, after, at(0)), Ok(()));
    }

    #[test]
    fn access_tokens_of_an_earlier_owner_are_refused() {
        let mut earlier = Credentials::new(1);
        let pair = earlier.start_family(on(0), LIFETIMES);
        let id = TokenId { incarnation: 1, number: pair.access_number };
        assert_eq!(
            Credentials::new(2).check_access_token(id, pair.access_expires, at(0)),
            Err(AccessTokenFault::UserGone)
        );
    }
}
