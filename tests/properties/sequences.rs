//! Random sequences of calls, in every rotation preset.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::model::{GRACE, Kind, Outcome, REGISTRATION_TOKEN, Rotation, Status, UserChange};
use crate::shared_service::{Sequence, SharedService};

/// An action; an index picks one of the existing devices or pairs.
#[derive(Clone, Debug)]
enum Action {
    Register { with_tokens: bool },
    RegisterAgain { device: Index },
    Login { device: Index, with_right_key: bool },
    RefreshLatest,
    Refresh { pair: Index },
    RefreshMixed { access: Index, refresh: Index },
    Call { pair: Index },
    Update { pair: Index, change: UserChange },
    Manage { device: Index, change: UserChange },
    Delete { device: Index },
    Expire { device: Index, kind: Kind },
    Advance { seconds: u64 },
}

fn change() -> impl Strategy<Value = UserChange> {
    let status = prop_oneof![Just(Status::Active), Just(Status::Deactivated), Just(Status::Deleted)];
    prop_oneof![status.prop_map(UserChange::Status), any::<bool>().prop_map(UserChange::Enabled)]
}

fn action() -> impl Strategy<Value = Action> {
    let kind = prop_oneof![Just(Kind::Access), Just(Kind::Refresh), Just(Kind::All)];
    let index = any::<Index>;
    prop_oneof![
        2 => any::<bool>().prop_map(|with_tokens| Action::Register { with_tokens }),
        1 => index().prop_map(|device| Action::RegisterAgain { device }),
        3 => (index(), prop::bool::weighted(0.8)).prop_map(|(device, with_right_key)| Action::Login { device, with_right_key }),
        5 => Just(Action::RefreshLatest),
        6 => index().prop_map(|pair| Action::Refresh { pair }),
        2 => (index(), index()).prop_map(|(access, refresh)| Action::RefreshMixed { access, refresh }),
        4 => index().prop_map(|pair| Action::Call { pair }),
        1 => (index(), change()).prop_map(|(pair, change)| Action::Update { pair, change }),
        3 => (index(), change()).prop_map(|(device, change)| Action::Manage { device, change }),
        1 => index().prop_map(|device| Action::Delete { device }),
        1 => (index(), kind).prop_map(|(device, kind)| Action::Expire { device, kind }),
        4 => prop::sample::select(&[1, GRACE - 1, GRACE, 49, 50, 100, 299, 300][..])
            .prop_map(|seconds| Action::Advance { seconds }),
    ]
}

/// Applies an action to the service and to the model; `None` if the action has no outcome, or no user exists yet.
fn apply(sequence: &mut Sequence<'_>, action: &Action) -> Option<(Outcome, Outcome)> {
    let (devices, pairs) = (sequence.devices(), sequence.pairs.len());
    let device = |index: &Index| (devices > 0).then(|| index.index(devices));
    let pair = |index: &Index| (pairs > 0).then(|| index.index(pairs));
    Some(match action {
        Action::Register { with_tokens } => sequence.register(None, *with_tokens),
        Action::RegisterAgain { device: index } => sequence.register(Some(device(index)?), true),
        Action::Login { device: index, with_right_key } => sequence.login(device(index)?, *with_right_key),
        Action::RefreshLatest => {
            let latest = pairs.checked_sub(1)?;
            sequence.refresh(latest, latest)
        }
        Action::Refresh { pair: index } => {
            let pair = pair(index)?;
            sequence.refresh(pair, pair)
        }
        Action::RefreshMixed { access, refresh } => sequence.refresh(pair(access)?, pair(refresh)?),
        Action::Call { pair: index } => sequence.call(pair(index)?),
        Action::Update { pair: index, change } => sequence.update(pair(index)?, *change),
        Action::Manage { device: index, change } => sequence.manage(device(index)?, *change),
        Action::Delete { device: index } => sequence.delete(device(index)?),
        Action::Expire { device: index, kind } => sequence.expire(device(index)?, *kind),
        Action::Advance { seconds } => {
            sequence.advance(*seconds);
            return None;
        }
    })
}

/// Checks after a sequence that at most one of all refresh tokens of a user still works.
fn at_most_one_refresh_token_works(sequence: &mut Sequence<'_>) -> Result<(), TestCaseError> {
    sequence.advance(GRACE);
    for device in 0..sequence.devices() {
        let _ = sequence.manage(device, UserChange::Status(Status::Active));
        let _ = sequence.manage(device, UserChange::Enabled(true));
    }
    let given = sequence.pairs.len();
    let mut presented = HashSet::new();
    let mut working = Vec::new();
    // The newest first: a reuse of an older one may revoke it.
    for pair in (0..given).rev() {
        if presented.insert(sequence.pairs[pair].refresh.clone()) {
            let (actual, expected) = sequence.refresh(pair, pair);
            prop_assert_eq!(actual, expected);
            if !matches!(actual, Outcome::Refused(_)) {
                prop_assert!(!working.iter().any(|other| sequence.model.belong_to_one_user(*other, pair)), "two work");
                working.push(pair);
            }
        }
    }
    Ok(())
}

fn check_against_the_model(rotation: Rotation) {
    let service = SharedService::new(rotation);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let sequences = prop::collection::vec(action(), 1..40);
    let outcome = TestRunner::new(config).run(&sequences, |actions| {
        let mut sequence = service.sequence();
        for action in &actions {
            if let Some((actual, expected)) = apply(&mut sequence, action) {
                prop_assert_eq!(actual, expected, "{:?} under {:?}", action, service.rotation());
            }
        }
        if rotation.allows_several() { Ok(()) } else { at_most_one_refresh_token_works(&mut sequence) }
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn under_strict_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Strict);
}

#[test]
fn under_grace_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Grace);
}

#[test]
fn under_reuse_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Reuse);
}

#[test]
fn without_rotation_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Off);
}

#[test]
fn under_hydra_grace_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::HydraGrace);
}

#[test]
fn under_supabase_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Supabase);
}

#[test]
fn under_keycloak_every_sequence_matches_the_model() {
    check_against_the_model(Rotation::Keycloak);
}

/// The results of eight threads that present one refresh token at the same time.
fn race(service: &SharedService) -> Vec<Option<(String, String)>> {
    let mut sequence = service.sequence();
    let _ = sequence.register(None, true);
    let pair = &sequence.pairs[0];
    let together = Barrier::new(8);
    thread::scope(|scope| {
        let racing: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    service.refresh(&pair.access, &pair.refresh).map(|pair| (pair.access, pair.refresh))
                })
            })
            .collect();
        racing.into_iter().map(|thread| thread.join().expect("no thread fails")).collect()
    })
}

#[test]
fn of_simultaneous_refreshes_with_one_token_exactly_one_wins() {
    for rotation in [Rotation::Strict, Rotation::Reuse] {
        let service = SharedService::new(rotation);
        for _ in 0..50 {
            assert_eq!(race(&service).into_iter().flatten().count(), 1, "{rotation:?}");
        }
    }
}

#[test]
fn under_grace_all_simultaneous_refreshes_with_one_token_get_the_same_pair() {
    let service = SharedService::new(Rotation::Grace);
    for _ in 0..50 {
        let got = race(&service);
        assert!(got[0].is_some() && got.iter().all(|pair| *pair == got[0]), "{got:?}");
    }
}

#[test]
fn under_hydra_grace_and_keycloak_each_simultaneous_refresh_gets_its_own_pair() {
    for rotation in [Rotation::HydraGrace, Rotation::Keycloak] {
        let service = SharedService::new(rotation);
        for _ in 0..20 {
            let got: Vec<_> = race(&service).into_iter().flatten().collect();
            let (access, refresh): (HashSet<_>, HashSet<_>) = got.into_iter().unzip();
            assert_eq!((access.len(), refresh.len()), (8, 8), "{rotation:?}");
        }
    }
}

#[test]
fn without_rotation_each_simultaneous_refresh_keeps_the_token_and_gets_its_own_jwt() {
    let service = SharedService::new(Rotation::Off);
    for _ in 0..20 {
        let got: Vec<_> = race(&service).into_iter().flatten().collect();
        let (access, refresh): (HashSet<_>, HashSet<_>) = got.into_iter().unzip();
        assert_eq!((access.len(), refresh.len()), (8, 1));
    }
}

#[test]
fn a_long_sequence_of_refreshes_matches_the_model() {
    // More generations than the service can remember.
    for rotation in [
        Rotation::Strict,
        Rotation::Grace,
        Rotation::Reuse,
        Rotation::Off,
        Rotation::HydraGrace,
        Rotation::Supabase,
        Rotation::Keycloak,
    ] {
        let service = SharedService::new(rotation);
        let mut sequence = service.sequence();
        assert_eq!(sequence.register(None, true).0, Outcome::NewPair);
        for generation in 0..200 {
            let (actual, expected) = sequence.refresh(generation, generation);
            assert_eq!((actual, expected), (Outcome::NewPair, Outcome::NewPair), "{rotation:?} {generation}");
            sequence.advance(GRACE);
        }
        let (actual, expected) = sequence.refresh(0, 0);
        assert_eq!(actual, expected, "{rotation:?}");
        let (actual, expected) = sequence.refresh(200, 200);
        assert_eq!(actual, expected, "{rotation:?}");
        assert!(sequence.model.now > REGISTRATION_TOKEN);
    }
}
