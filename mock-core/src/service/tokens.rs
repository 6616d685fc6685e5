//! Refresh tokens, their families and their rotation.
//!
//! Every registration and every login starts a family; a refresh moves it one generation on \[P\]. A refresh token is
//! `family ‖ generation ‖ HMAC`, so the server keeps no secret of it: it computes the token again, and knows an authentic
//! one of an older generation for what it is, a reuse.

use std::collections::VecDeque;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::mac::MacKey;
use super::refusal::RefreshTokenFault;
use super::time::{Period, Timestamp};

/// How many past generations of a family are remembered.
pub const REMEMBERED_GENERATIONS: usize = 32;

/// What becomes of a refresh token that was used \[P\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rotation {
    /// A used token is refused, and its family's refresh token is revoked (RFC 9700, section 4.14.2).
    #[default]
    Strict,
    /// Within that time of its use a used token gives the current pair again; later as [`Rotation::Strict`].
    Grace(Period),
    /// A used token is refused, and nothing is revoked.
    Reuse,
    /// A refresh does not change the token.
    Off,
}

/// `strict`, `grace=10s`, `reuse` or `off`.
impl FromStr for Rotation {
    type Err = NoRotation;

    fn from_str(text: &str) -> Result<Self, NoRotation> {
        match text.split_once('=') {
            Some(("grace", period)) => period.parse().map(Self::Grace).map_err(|_| NoRotation(text.to_owned())),
            Some(_) => Err(NoRotation(text.to_owned())),
            None => match text {
                "strict" => Ok(Self::Strict),
                "grace" => Ok(Self::Grace(DEFAULT_GRACE)),
                "reuse" => Ok(Self::Reuse),
                "off" => Ok(Self::Off),
                _ => Err(NoRotation(text.to_owned())),
            },
        }
    }
}

impl From<Rotation> for String {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::Strict => "strict".to_owned(),
            Rotation::Grace(period) => format!("grace={}", Self::from(period)),
            Rotation::Reuse => "reuse".to_owned(),
            Rotation::Off => "off".to_owned(),
        }
    }
}

impl TryFrom<String> for Rotation {
    type Error = NoRotation;

    fn try_from(text: String) -> Result<Self, NoRotation> {
        text.parse()
    }
}

/// The grace period where none is said.
pub const DEFAULT_GRACE: Period = Period::from_seconds(10);

/// The text names no rotation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no rotation; it is strict, grace=10s, reuse or off")]
pub struct NoRotation(String);

/// The place of a refresh token: which family of its user, and which generation in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Counts the families of a user, from 1.
    pub family: u32,
    /// Counts the generations of a family, from 1.
    pub generation: u32,
}

impl Place {
    const fn to_bytes(self) -> [u8; PLACE_BYTES] {
        ((self.family as u64) << 32 | self.generation as u64).to_be_bytes()
    }

    const fn from_bytes(bytes: [u8; PLACE_BYTES]) -> Self {
        let both = u64::from_be_bytes(bytes);
        Self { family: (both >> 32) as u32, generation: both as u32 }
    }
}

/// Whose refresh token it is: a user or an admin, and not an earlier user with the same DeviceToken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The bytes of the user's or the admin's id.
    pub id: [u8; 16],
    /// Tells a user from an earlier one.
    pub birth: u64,
}

/// Makes refresh tokens and recognises them.
#[derive(Debug)]
pub struct Mint {
    key: MacKey,
}

const PLACE_BYTES: usize = 8;
const SEAL_BYTES: usize = 24;

impl Mint {
    /// A mint with that secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: MacKey::new(secret) }
    }

    /// The refresh token of that owner at that place; the same every time.
    #[must_use]
    pub fn token(&self, owner: Owner, place: Place) -> String {
        let place = place.to_bytes();
        let seal = self.key.seal(&[&owner.id, &owner.birth.to_be_bytes(), &place]);
        let bytes: Vec<u8> = place.into_iter().chain(seal.into_iter().take(SEAL_BYTES)).collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of a token that was made here for that owner; compared in constant time.
    #[must_use]
    pub fn place(&self, owner: Owner, token: &str) -> Option<Place> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (place, seal) = bytes.split_first_chunk::<PLACE_BYTES>()?;
        let sealed: [&[u8]; 3] = [&owner.id, &owner.birth.to_be_bytes(), place];
        let authentic = seal.len() == SEAL_BYTES && self.key.verify_start(&sealed, seal);
        authentic.then(|| Place::from_bytes(*place))
    }
}

/// A pair of tokens as it was given out: what is needed to give out the very same once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The place of the refresh token.
    pub place: Place,
    /// The number of the access token.
    pub access_number: u64,
    /// When the pair was issued.
    pub issued: Timestamp,
    /// From when on the access token is expired; a whole second.
    pub access_expires: Timestamp,
    /// How long the access token was given for.
    pub access_lifetime: Period,
    /// From when on the refresh token is expired.
    pub refresh_expires: Timestamp,
}

impl Pair {
    /// How long the access token has to live, in seconds: what it was given for, or less where it is given once more.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> u32 {
        // `exp` is rounded up to a whole second; what is said never exceeds what was given.
        self.access_expires.since(now).min(self.access_lifetime).seconds_rounded_up()
    }
}

/// Why a family's refresh token is dead before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Death {
    /// A used token of the family came back.
    Reuse,
    /// The control API said so.
    ExpiredOnRequest,
}

/// The live family of a user: one pair that counts, and what is remembered of those before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Family {
    current: Pair,
    parent: Option<Place>,
    dead: Option<(Death, End)>,
    past: VecDeque<Past>,
}

/// A generation that does not count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Which one.
    pub place: Place,
    /// The generation it was bought with; the first of a family has none.
    pub parent: Option<Place>,
    /// Why it does not count.
    pub reason: PastReason,
    /// When that happened, and by which request.
    pub end: End,
}

/// Why a generation does not count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PastReason {
    /// It bought the next one.
    Used,
    /// A login started another family \[S\].
    Superseded,
    /// It was dead before that.
    Died(Death),
}

/// When something ended, and by which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// The number of the request in the journal.
    pub by: u64,
}

/// What a refresh token that was presented is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The next pair, at this place.
    Next(Place),
    /// The current pair once more.
    Again(Pair),
}

impl Family {
    /// A family that starts with this pair.
    #[must_use]
    pub const fn new(pair: Pair) -> Self {
        Self { current: pair, parent: None, dead: None, past: VecDeque::new() }
    }

    /// A family that starts with this pair and retires the one before, which is remembered.
    #[must_use]
    pub fn succeeding(mut before: Self, pair: Pair, end: End) -> Self {
        let reason = before.dead.map_or(PastReason::Superseded, |(death, _)| PastReason::Died(death));
        before.remember(reason, before.dead.map_or(end, |(_, end)| end));
        Self { current: pair, parent: None, dead: None, past: before.past }
    }

    /// The pair that counts.
    #[must_use]
    pub const fn current(&self) -> Pair {
        self.current
    }

    /// The generation that the current one was bought with.
    #[must_use]
    pub const fn parent(&self) -> Option<Place> {
        self.parent
    }

    /// Why the refresh token is dead before its time, if it is.
    #[must_use]
    pub const fn death(&self) -> Option<(Death, End)> {
        self.dead
    }

    /// What is remembered, the latest last; at most [`REMEMBERED_GENERATIONS`].
    pub fn past(&self) -> impl Iterator<Item = &Past> {
        self.past.iter()
    }

    /// Ends the family's refresh token before its time.
    pub fn kill(&mut self, death: Death, end: End) {
        self.dead.get_or_insert((death, end));
    }

    /// Judges an authentic token of the family's user; a reuse may revoke the family.
    ///
    /// # Errors
    ///
    /// The token buys nothing.
    pub fn redeem(&mut self, token: Place, end: End, rotation: Rotation) -> Result<Worth, RefreshTokenFault> {
        if token.family != self.current.place.family {
            return Err(RefreshTokenFault::Superseded);
        }
        match self.dead {
            Some((Death::Reuse, _)) => return Err(RefreshTokenFault::Revoked),
            Some((Death::ExpiredOnRequest, _)) => return Err(RefreshTokenFault::Expired),
            None => {}
        }
        if end.at >= self.current.refresh_expires {
            return Err(RefreshTokenFault::Expired);
        }
        // How many generations ago the token was the current one.
        match self.current.place.generation.checked_sub(token.generation) {
            // Authentic, but of a generation this server has not reached: a snapshot was restored.
            None => Err(RefreshTokenFault::Unknown),
            Some(0) => Ok(Worth::Next(match rotation {
                Rotation::Off => token,
                Rotation::Strict | Rotation::Grace(_) | Rotation::Reuse => {
                    Place { generation: token.generation.saturating_add(1), ..token }
                }
            })),
            Some(_) => self.reuse(token, end, rotation),
        }
    }

    fn reuse(&mut self, token: Place, end: End, rotation: Rotation) -> Result<Worth, RefreshTokenFault> {
        let used = self.past.iter().rev().find(|past| past.place == token).map(|past| past.end.at);
        match rotation {
            Rotation::Grace(grace) if used.is_some_and(|used| end.at.since(used) < grace) => {
                return Ok(Worth::Again(self.current));
            }
            Rotation::Strict | Rotation::Grace(_) => self.kill(Death::Reuse, end),
            Rotation::Reuse | Rotation::Off => {}
        }
        Err(RefreshTokenFault::AlreadyUsed)
    }

    /// Puts the next pair in the place of the current one, whose token was used.
    pub fn advance(&mut self, next: Pair, end: End) {
        if next.place.generation != self.current.place.generation {
            let used = self.current.place;
            self.remember(PastReason::Used, end);
            self.parent = Some(used);
        }
        self.current = next;
    }

    fn remember(&mut self, reason: PastReason, end: End) {
        if self.past.len() == REMEMBERED_GENERATIONS {
            self.past.pop_front();
        }
        self.past.push_back(Past { place: self.current.place, parent: self.parent, reason, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Period = Period::from_seconds(86_400);
    const GRACE: Rotation = Rotation::Grace(Period::from_seconds(10));

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    const fn end(seconds: i64) -> End {
        End { at: at(seconds), by: 0 }
    }

    const fn place(family: u32, generation: u32) -> Place {
        Place { family, generation }
    }

    fn pair(place: Place, now: Timestamp) -> Pair {
        Pair {
            place,
            access_number: 1,
            issued: now,
            access_expires: now.plus(DAY),
            access_lifetime: DAY,
            refresh_expires: now.plus(DAY),
        }
    }

    fn owner(birth: u64) -> Owner {
        Owner { id: [1; 16], birth }
    }

    /// A family whose first token was used at second 100.
    fn rotated(rotation: Rotation) -> Family {
        let mut family = Family::new(pair(place(1, 1), at(0)));
        let Ok(Worth::Next(next)) = family.redeem(place(1, 1), end(100), rotation) else {
            panic!("a fresh token is good")
        };
        family.advance(pair(next, at(100)), end(100));
        family
    }

    #[test]
    fn a_rotation_is_named_as_on_the_command_line() {
        let named = |text: &str| text.parse::<Rotation>();
        assert_eq!(named("strict"), Ok(Rotation::Strict));
        assert_eq!(named("grace=10s"), Ok(GRACE));
        assert_eq!(named("grace"), Ok(GRACE));
        assert_eq!(named("reuse"), Ok(Rotation::Reuse));
        assert_eq!(named("off"), Ok(Rotation::Off));
        for nonsense in ["", "Strict", "grace=", "grace=soon", "reuse=1s", "none"] {
            assert!(named(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_token_is_recognised_where_it_belongs() {
        let mint = Mint::new(&[1; 32]);
        let token = mint.token(owner(1), place(7, 9));
        assert_eq!(mint.place(owner(1), &token), Some(place(7, 9)));
        assert_eq!(mint.place(owner(2), &token), None, "of an earlier user with that DeviceToken");
        assert_eq!(Mint::new(&[2; 32]).place(owner(1), &token), None, "of another server");
    }

    #[test]
    fn a_token_that_was_tampered_with_is_unknown() {
        let mint = Mint::new(&[1; 32]);
        let token = mint.token(owner(1), place(1, 1));
        let longer = format!("{token}AA");
        let other = mint.token(owner(1), place(1, 2));
        let mixed = format!("{}{}", &token[..11], &other[11..]);
        for forged in ["", "nonsense", &longer, &token[..20], &mixed] {
            assert_eq!(mint.place(owner(1), forged), None, "{forged}");
        }
    }

    #[test]
    fn a_pair_that_is_given_once_more_is_never_said_to_live_longer_than_it_was_given_for() {
        let issued = Timestamp::from_seconds(100).moved(1);
        let lifetime = Period::from_seconds(60);
        let given = Pair {
            access_expires: Timestamp::from_seconds(issued.plus(lifetime).seconds_rounded_up()),
            access_lifetime: lifetime,
            ..pair(place(1, 1), issued)
        };
        for (later, expected) in [(0, 60), (100_000, 60), (1_000_000, 60), (2_000_000, 59), (99_000_000, 0)] {
            assert_eq!(given.expires_in(issued.moved(later)), expected, "{later} µs later");
        }
    }

    #[test]
    fn a_refresh_moves_the_family_one_generation_on() {
        assert_eq!(rotated(Rotation::Strict).current().place, place(1, 2));
    }

    #[test]
    fn without_rotation_a_refresh_does_not_change_the_token() {
        assert_eq!(rotated(Rotation::Off).current().place, place(1, 1));
    }

    #[test]
    fn a_used_token_revokes_its_family_under_strict() {
        let mut family = rotated(Rotation::Strict);
        assert_eq!(family.redeem(place(1, 1), end(101), Rotation::Strict), Err(RefreshTokenFault::AlreadyUsed));
        assert_eq!(family.redeem(place(1, 2), end(102), Rotation::Strict), Err(RefreshTokenFault::Revoked));
    }

    #[test]
    fn a_used_token_gives_the_current_pair_again_within_the_grace_period() {
        let mut family = rotated(GRACE);
        assert_eq!(family.redeem(place(1, 1), end(109), GRACE), Ok(Worth::Again(family.current())));
        assert_eq!(family.redeem(place(1, 1), end(110), GRACE), Err(RefreshTokenFault::AlreadyUsed));
        assert_eq!(family.redeem(place(1, 2), end(111), GRACE), Err(RefreshTokenFault::Revoked));
    }

    #[test]
    fn the_grace_period_counts_from_the_use_of_that_very_token() {
        let mut family = rotated(GRACE);
        family.advance(pair(place(1, 3), at(105)), end(105));
        assert_eq!(family.redeem(place(1, 1), end(109), GRACE), Ok(Worth::Again(family.current())));
        assert_eq!(family.redeem(place(1, 2), end(114), GRACE), Ok(Worth::Again(family.current())));
        assert_eq!(family.redeem(place(1, 1), end(114), GRACE), Err(RefreshTokenFault::AlreadyUsed));
    }

    #[test]
    fn a_used_token_harms_nothing_under_reuse() {
        let mut family = rotated(Rotation::Reuse);
        assert_eq!(family.redeem(place(1, 1), end(101), Rotation::Reuse), Err(RefreshTokenFault::AlreadyUsed));
        assert_eq!(family.redeem(place(1, 2), end(102), Rotation::Reuse), Ok(Worth::Next(place(1, 3))));
    }

    #[test]
    fn a_token_of_a_retired_family_does_not_harm_the_live_one() {
        let mut family = Family::new(pair(place(2, 1), at(0)));
        assert_eq!(family.redeem(place(1, 1), end(1), Rotation::Strict), Err(RefreshTokenFault::Superseded));
        assert_eq!(family.redeem(place(2, 1), end(2), Rotation::Strict), Ok(Worth::Next(place(2, 2))));
    }

    #[test]
    fn a_token_expires_at_the_second_it_says() {
        let mut family = Family::new(pair(place(1, 1), at(0)));
        assert!(family.redeem(place(1, 1), end(86_399), Rotation::Strict).is_ok());
        assert_eq!(family.redeem(place(1, 1), end(86_400), Rotation::Strict), Err(RefreshTokenFault::Expired));
    }

    #[test]
    fn a_token_can_be_expired_on_request() {
        let mut family = Family::new(pair(place(1, 1), at(0)));
        family.kill(Death::ExpiredOnRequest, end(0));
        assert_eq!(family.redeem(place(1, 1), end(1), Rotation::Strict), Err(RefreshTokenFault::Expired));
    }

    #[test]
    fn a_family_remembers_what_became_of_those_before() {
        let mut family = Family::new(pair(place(1, 1), at(0)));
        family.advance(pair(place(1, 2), at(5)), End { at: at(5), by: 7 });
        let family = Family::succeeding(family, pair(place(2, 1), at(9)), End { at: at(9), by: 8 });
        let past: Vec<_> = family.past().map(|past| (past.place, past.parent, past.reason, past.end.by)).collect();
        assert_eq!(
            past,
            [(place(1, 1), None, PastReason::Used, 7), (place(1, 2), Some(place(1, 1)), PastReason::Superseded, 8)]
        );
    }

    #[test]
    fn a_family_remembers_a_bounded_number_of_generations() {
        let mut family = Family::new(pair(place(1, 1), at(0)));
        for generation in 2..200 {
            family.advance(pair(place(1, generation), at(1)), end(1));
        }
        assert_eq!(family.past.len(), REMEMBERED_GENERATIONS);
        let oldest = 199 - REMEMBERED_GENERATIONS as u32;
        assert!(family.redeem(place(1, oldest), end(2), GRACE).is_ok());
        assert_eq!(family.redeem(place(1, oldest - 1), end(2), GRACE), Err(RefreshTokenFault::AlreadyUsed));
    }
}
