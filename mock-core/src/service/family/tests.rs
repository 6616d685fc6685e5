//! Tests of a family.

use super::*;
use crate::service::occasion::RequestNumber;

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
/// The rotation from a position to the next one.
fn rotation_from(used: TokenPosition) -> Redemption {
    Redemption::Rotate { used, to: TokenPosition { generation: used.generation + 1, ..used } }
}

fn rotated(rotation: Rotation) -> Family {
    let mut family = Family::new(pair(position(1, 1), at(0)));
    let Ok(Redemption::Rotate { used, to: next }) = family.redeem(position(1, 1), on(100), rotation) else {
        panic!("the current token must be accepted")
    };
    family.advance(used, pair(next, at(100)), on(100));
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
    family.advance(position(1, 2), pair(position(1, 3), at(105)), on(105));
    assert_eq!(family.redeem(position(1, 1), on(109), GRACE), Ok(Redemption::Repeat(family.current())));
    assert_eq!(family.redeem(position(1, 2), on(114), GRACE), Ok(Redemption::Repeat(family.current())));
    assert_eq!(family.redeem(position(1, 1), on(114), GRACE), Err(RefreshTokenFault::AlreadyUsed));
}

#[test]
fn a_used_token_revokes_nothing_under_reuse() {
    let mut family = rotated(Rotation::Reuse);
    assert_eq!(family.redeem(position(1, 1), on(101), Rotation::Reuse), Err(RefreshTokenFault::AlreadyUsed));
    let next = family.redeem(position(1, 2), on(102), Rotation::Reuse);
    assert_eq!(next, Ok(rotation_from(position(1, 2))));
}

#[test]
fn a_token_of_a_superseded_family_does_not_revoke_the_live_one() {
    let mut family = Family::new(pair(position(2, 1), at(0)));
    assert_eq!(family.redeem(position(1, 1), on(1), Rotation::Strict), Err(RefreshTokenFault::Superseded));
    let next = family.redeem(position(2, 1), on(2), Rotation::Strict);
    assert_eq!(next, Ok(rotation_from(position(2, 1))));
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
    family.advance(position(1, 1), pair(position(1, 2), at(5)), by(5, 7));
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
        family.advance(position(1, generation - 1), pair(position(1, generation), at(1)), on(1));
    }
    assert_eq!(family.retired().count(), REMEMBERED_GENERATIONS);
    let oldest = 199 - REMEMBERED_GENERATIONS as u32;
    assert!(family.redeem(position(1, oldest), on(2), GRACE).is_ok());
    // A forgotten generation counts as used at the same time as the oldest that is remembered.
    assert!(family.redeem(position(1, oldest - 1), on(2), GRACE).is_ok());
    assert_eq!(family.redeem(position(1, oldest - 1), on(100), GRACE), Err(RefreshTokenFault::AlreadyUsed));
}

#[test]
fn under_hydra_grace_a_used_token_gives_a_new_pair_and_the_overtaken_one_stays_usable() {
    let hydra = Rotation::HydraGrace(Period::from_seconds(10));
    let mut family = rotated(hydra);
    let first = position(1, 1);
    let second_use = family.redeem(first, on(109), hydra);
    assert_eq!(second_use, Ok(Redemption::Rotate { used: first, to: position(1, 3) }));
    family.advance(first, pair(position(1, 3), at(109)), on(109));
    let overtaken = family.redeem(position(1, 2), on(500), hydra);
    assert_eq!(overtaken, Ok(Redemption::Rotate { used: position(1, 2), to: position(1, 4) }));
    family.advance(position(1, 2), pair(position(1, 4), at(500)), on(500));
    assert!(family.redeem(position(1, 3), on(501), hydra).is_ok());
    assert_eq!(family.redeem(position(1, 2), on(510), hydra), Err(RefreshTokenFault::AlreadyUsed));
    assert!(family.retired().all(|retired| retired.by != RetiredBy::Overtaken), "a revocation ends all of them");
    assert_eq!(family.redeem(position(1, 3), on(511), hydra), Err(RefreshTokenFault::Revoked));
}

#[test]
fn under_supabase_the_parent_of_the_current_token_gives_the_current_pair_at_any_time() {
    let supabase = Rotation::Supabase(Period::from_seconds(10));
    let mut family = rotated(supabase);
    assert_eq!(family.redeem(position(1, 1), on(9_000), supabase), Ok(Redemption::Repeat(family.current())));
    family.advance(position(1, 2), pair(position(1, 3), at(9_000)), on(9_000));
    assert_eq!(family.redeem(position(1, 1), on(9_001), supabase), Err(RefreshTokenFault::AlreadyUsed));
    assert_eq!(family.redeem(position(1, 3), on(9_002), supabase), Err(RefreshTokenFault::Revoked));
}

#[test]
fn under_keycloak_a_used_token_stays_usable() {
    let mut family = rotated(Rotation::Keycloak);
    for (generation, time) in [(3, 9_000), (4, 9_001)] {
        let used = position(1, 1);
        let to = position(1, generation);
        assert_eq!(family.redeem(used, on(time), Rotation::Keycloak), Ok(Redemption::Rotate { used, to }));
        family.advance(used, pair(to, at(time)), on(time));
    }
}
