//! Random lives of users, in every rotation preset.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use telematics_mock::service::time::Period;
use telematics_mock::service::tokens::Rotation;

use crate::model::{Change, GRACE, Kind, Outcome, REGISTRATION_TOKEN, Status};
use crate::world::{Life, World};

/// Something that happens; whom it happens to is picked from those there are.
#[derive(Clone, Debug)]
enum Act {
    Register { with_tokens: bool },
    RegisterAgain { device: Index },
    Login { device: Index, with_right_key: bool },
    RefreshLatest,
    Refresh { pair: Index },
    RefreshMixed { access: Index, refresh: Index },
    Call { pair: Index },
    Update { pair: Index, change: Change },
    Manage { device: Index, change: Change },
    Delete { device: Index },
    Expire { device: Index, kind: Kind },
    Advance { seconds: u64 },
}

fn change() -> impl Strategy<Value = Change> {
    let status = prop_oneof![Just(Status::Active), Just(Status::Deactivated), Just(Status::Deleted)];
    prop_oneof![status.prop_map(Change::Status), any::<bool>().prop_map(Change::Enabled)]
}

fn act() -> impl Strategy<Value = Act> {
    let kind = prop_oneof![Just(Kind::Access), Just(Kind::Refresh), Just(Kind::All)];
    let index = any::<Index>;
    prop_oneof![
        2 => any::<bool>().prop_map(|with_tokens| Act::Register { with_tokens }),
        1 => index().prop_map(|device| Act::RegisterAgain { device }),
        3 => (index(), prop::bool::weighted(0.8)).prop_map(|(device, with_right_key)| Act::Login { device, with_right_key }),
        5 => Just(Act::RefreshLatest),
        6 => index().prop_map(|pair| Act::Refresh { pair }),
        2 => (index(), index()).prop_map(|(access, refresh)| Act::RefreshMixed { access, refresh }),
        4 => index().prop_map(|pair| Act::Call { pair }),
        1 => (index(), change()).prop_map(|(pair, change)| Act::Update { pair, change }),
        3 => (index(), change()).prop_map(|(device, change)| Act::Manage { device, change }),
        1 => index().prop_map(|device| Act::Delete { device }),
        1 => (index(), kind).prop_map(|(device, kind)| Act::Expire { device, kind }),
        4 => prop::sample::select(&[1, GRACE - 1, GRACE, 49, 50, 100, 299, 300][..])
            .prop_map(|seconds| Act::Advance { seconds }),
    ]
}

/// Lets it happen to the service and to the model; `None` where there is nobody it could happen to yet.
fn happen(life: &mut Life<'_>, act: &Act) -> Option<(Outcome, Outcome)> {
    let (devices, pairs) = (life.devices(), life.pairs.len());
    let device = |index: &Index| (devices > 0).then(|| index.index(devices));
    let pair = |index: &Index| (pairs > 0).then(|| index.index(pairs));
    Some(match act {
        Act::Register { with_tokens } => life.register(None, *with_tokens),
        Act::RegisterAgain { device: index } => life.register(Some(device(index)?), true),
        Act::Login { device: index, with_right_key } => life.login(device(index)?, *with_right_key),
        Act::RefreshLatest => {
            let latest = pairs.checked_sub(1)?;
            life.refresh(latest, latest)
        }
        Act::Refresh { pair: index } => {
            let pair = pair(index)?;
            life.refresh(pair, pair)
        }
        Act::RefreshMixed { access, refresh } => life.refresh(pair(access)?, pair(refresh)?),
        Act::Call { pair: index } => life.call(pair(index)?),
        Act::Update { pair: index, change } => life.update(pair(index)?, *change),
        Act::Manage { device: index, change } => life.manage(device(index)?, *change),
        Act::Delete { device: index } => life.delete(device(index)?),
        Act::Expire { device: index, kind } => life.expire(device(index)?, *kind),
        Act::Advance { seconds } => {
            life.advance(*seconds);
            return None;
        }
    })
}

/// After everything else: of all refresh tokens a user was ever given, at most one still buys something.
fn at_most_one_lives(life: &mut Life<'_>) -> Result<(), TestCaseError> {
    life.advance(GRACE);
    for device in 0..life.devices() {
        let _ = life.manage(device, Change::Status(Status::Active));
        let _ = life.manage(device, Change::Enabled(true));
    }
    let given = life.pairs.len();
    let mut presented = HashSet::new();
    let mut alive = Vec::new();
    // The newest first: an older one may well revoke it, and that it was alive would go unseen.
    for pair in (0..given).rev() {
        if presented.insert(life.pairs[pair].refresh.clone()) {
            let (did, should) = life.refresh(pair, pair);
            prop_assert_eq!(did, should);
            if !matches!(did, Outcome::Refused(_)) {
                prop_assert!(!alive.iter().any(|other| life.model.are_of_one_user(*other, pair)), "two are alive");
                alive.push(pair);
            }
        }
    }
    Ok(())
}

fn lives_go_as_the_model_says(rotation: Rotation) {
    let world = World::new(rotation);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let lives = prop::collection::vec(act(), 1..40);
    let outcome = TestRunner::new(config).run(&lives, |acts| {
        let mut life = world.life();
        for act in &acts {
            if let Some((did, should)) = happen(&mut life, act) {
                prop_assert_eq!(did, should, "{:?} under {:?}", act, world.rotation());
            }
        }
        at_most_one_lives(&mut life)
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

const fn grace() -> Rotation {
    Rotation::Grace(Period::from_seconds(GRACE as u32))
}

#[test]
fn under_strict_every_life_goes_as_the_model_says() {
    lives_go_as_the_model_says(Rotation::Strict);
}

#[test]
fn under_grace_every_life_goes_as_the_model_says() {
    lives_go_as_the_model_says(grace());
}

#[test]
fn under_reuse_every_life_goes_as_the_model_says() {
    lives_go_as_the_model_says(Rotation::Reuse);
}

#[test]
fn without_rotation_every_life_goes_as_the_model_says() {
    lives_go_as_the_model_says(Rotation::Off);
}

/// What eight threads get that present one refresh token at the same moment.
fn race(world: &World) -> Vec<Option<(String, String)>> {
    let mut life = world.life();
    let _ = life.register(None, true);
    let pair = &life.pairs[0];
    let together = Barrier::new(8);
    thread::scope(|scope| {
        let racing: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    world.refresh(&pair.access, &pair.refresh).map(|texts| (texts.access, texts.refresh))
                })
            })
            .collect();
        racing.into_iter().map(|thread| thread.join().expect("no thread fails")).collect()
    })
}

#[test]
fn of_simultaneous_refreshes_with_one_token_exactly_one_wins() {
    for rotation in [Rotation::Strict, Rotation::Reuse] {
        let world = World::new(rotation);
        for _ in 0..50 {
            assert_eq!(race(&world).into_iter().flatten().count(), 1, "{rotation:?}");
        }
    }
}

#[test]
fn under_grace_simultaneous_refreshes_with_one_token_all_get_the_pair_of_the_winner() {
    let world = World::new(grace());
    for _ in 0..50 {
        let got = race(&world);
        assert!(got[0].is_some() && got.iter().all(|pair| *pair == got[0]), "{got:?}");
    }
}

#[test]
fn without_rotation_simultaneous_refreshes_all_keep_the_token_and_get_a_jwt_each() {
    let world = World::new(Rotation::Off);
    for _ in 0..20 {
        let got: Vec<_> = race(&world).into_iter().flatten().collect();
        let (access, refresh): (HashSet<_>, HashSet<_>) = got.into_iter().unzip();
        assert_eq!((access.len(), refresh.len()), (8, 1));
    }
}

#[test]
fn a_life_that_lasts_goes_as_the_model_says() {
    // Long enough that more generations pass than any memory of them could hold.
    for rotation in [Rotation::Strict, grace(), Rotation::Reuse, Rotation::Off] {
        let world = World::new(rotation);
        let mut life = world.life();
        assert_eq!(life.register(None, true).0, Outcome::NewPair);
        for generation in 0..200 {
            let (did, should) = life.refresh(generation, generation);
            assert_eq!((did, should), (Outcome::NewPair, Outcome::NewPair), "{rotation:?} {generation}");
            life.advance(GRACE);
        }
        let (did, should) = life.refresh(0, 0);
        assert_eq!(did, should, "{rotation:?}");
        let (did, should) = life.refresh(200, 200);
        assert_eq!(did, should, "{rotation:?}");
        assert!(life.model.now > REGISTRATION_TOKEN);
    }
}
