//! Snapshot, restoration of a snapshot, and reset to the start.

use std::convert::Infallible;
use std::fmt;
use std::mem;
use std::sync::Arc;

use parking_lot::MutexGuard;

use super::UserService;
use super::clock::InstanceDial;
use super::ids::DeviceToken;
use super::instance_users::{InstanceUsers, NewUsers, Replacement};
use super::instances::{Instance, NewInstance};
use super::lockout::Lockout;
use super::pictures::{Picture, Pictures};
use super::random::Seed;
use super::scope::Scope;
use super::snapshot::{InstanceSnapshot, PictureSnapshot, RestoreError, ServerState, Snapshot};
use super::state::State;
use super::test_control::NoSuchInstance;
use super::user_store::Users;

/// The number of directory entries that are updated under one lock.
const STEP: usize = 2048;

/// The number of random words that a reset of an instance skips, for those that other requests draw until it is complete. Positions
/// stay below 2^53, which JSON carries through every language, for two million resets.
const SKIPPED_WORDS: u64 = 1 << 32;

/// The state that a reset or a restoration replaced. Dropping it takes time in proportion to its size, so drop it where nobody waits
/// for it.
#[derive(Default)]
pub struct Discarded {
    _state: Option<Box<State>>,
    _users: Option<Box<InstanceUsers>>,
    _instance: Option<Box<Instance>>,
    _replacement: Option<Box<Replacement>>,
}

impl fmt::Debug for Discarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Discarded")
    }
}

/// An instance and its users, made of a snapshot outside the lock.
struct Built {
    instance: Instance,
    clock: InstanceDial,
    users: NewUsers,
}

impl UserService {
    /// The state of a scope at one moment. The work grows with the number of users, but other requests wait for it only a fraction
    /// of a millisecond for a million users.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn snapshot(&self, scope: Scope) -> Result<Snapshot, NoSuchInstance> {
        let Scope::Instance(id) = scope else {
            let captured = self.read().capture();
            return Ok(captured.into_state().into());
        };
        let (seed, captured) = {
            let state = self.read();
            (state.keys.seed.clone(), state.capture_instance(id).ok_or(NoSuchInstance)?)
        };
        Ok(Snapshot::of_instance(seed, captured.into_snapshot()))
    }

    /// Replaces the state of a scope by a snapshot. Readers see the old state or the new one, never a mixture. The work grows with
    /// the number of users, but other requests wait for it only fractions of a millisecond.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`]; nothing was changed.
    pub fn restore(&self, scope: Scope, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        let _only_one = self.start.lock();
        match scope {
            Scope::Server => Ok(self.replace_server(snapshot.into_server()?)),
            Scope::Instance(id) => {
                if self.read().instances.get(id).is_none() {
                    return Err(RestoreError::Scope("the server has no such instance any more"));
                }
                let seed = self.keys().seed.clone();
                let built = build(snapshot.into_instance(id, &seed)?, &seed);
                self.replace_instance(built, refuse_moved_user, |_| {})
            }
        }
    }

    /// Sets a scope back to its start: the server to its configuration, an instance to the state at the start of the server or at its
    /// creation. A user who moved to another instance stays there. With a random seed no value is drawn again, so that earlier tokens
    /// and the URLs of earlier pictures never belong to somebody else; with the seed of a number the draws are repeated.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn reset(&self, scope: Scope) -> Result<Discarded, NoSuchInstance> {
        let mut start = self.start.lock();
        let Scope::Instance(id) = scope else {
            let start = Arc::make_mut(&mut start);
            if !start.seed.is_of_number() {
                start.seed = start.seed.successor();
            }
            return Ok(self.replace_server(start.clone()));
        };
        let (seed, mut snapshot, position) = {
            let state = self.read();
            let instance = state.instances.get(id).ok_or(NoSuchInstance)?;
            let snapshot = InstanceSnapshot::of_new(Arc::clone(&instance.details));
            (state.keys.seed.clone(), snapshot, instance.random.position())
        };
        if let Some(known) = start.instances.iter().find(|snapshot| snapshot.instance.id == id) {
            snapshot = known.clone();
        }
        if !seed.is_of_number() {
            renew(&mut snapshot, &seed, position.saturating_add(SKIPPED_WORDS));
        }
        let built = build(snapshot, &seed);
        let Ok(discarded) = self.replace_instance(built, exclude_moved_user, |state| state.lockout.forget(id));
        Ok(discarded)
    }

    /// Removes an instance and its users, and leaves the number of the group of its users to the caller.
    pub(super) fn replace_by_nothing(&self, details: Arc<NewInstance>) -> Discarded {
        let id = details.id;
        let built = build(InstanceSnapshot::of_new(details), &self.keys().seed);
        let Ok(discarded) = self.replace_instance(built, exclude_moved_user, |state| {
            state.instances.remove(id);
            state.admins.remove_of(id);
            state.lockout.forget(id);
        });
        discarded
    }

    /// Replaces the whole state.
    fn replace_server(&self, ServerState { seed, server, instances }: ServerState) -> Discarded {
        let mut state = State::new(server.settings, seed, server.clock);
        state.clock_at_start = server.clock_at_start;
        state.random = state.keys.seed.stream(b"server").at(server.random);
        state.admins = server.admins.into_iter().collect();
        let attempts = server.lockout.into_iter();
        state.lockout =
            Lockout::from_attempts(attempts.map(|(instance, address, attempts)| ((instance, address), attempts)));
        // Before the instances, because these take the names of their applications from here.
        state.instances.applications = server.applications;
        for snapshot in instances {
            let Built { instance, clock, users } = build(snapshot, &state.keys.seed);
            let id = instance.id();
            state.users.put_all(id, users);
            state.clocks.set_instance(id, clock);
            state.instances.replace(instance);
        }
        let mut current = self.write();
        state.revision = current.revision;
        state.listener.clone_from(&current.listener);
        // Published under the lock: a reader of the new state finds the new keys.
        self.publish(&state);
        let before = mem::replace(&mut *current, state);
        Discarded { _state: Some(Box::new(before)), ..Discarded::default() }
    }

    /// Replaces an instance and its users, in the steps of [`super::replacement`]. `moved` decides about a new user who is in
    /// another instance now.
    fn replace_instance<E>(
        &self,
        built: Built,
        moved: fn(&mut Users, DeviceToken) -> Result<(), E>,
        also: impl FnOnce(&mut State),
    ) -> Result<Discarded, E> {
        let Built { instance, clock, users } = built;
        let (id, new_tokens) = (instance.id(), users.device_tokens());
        let mut state = self.write();
        state.users.begin_replacement(id, users);
        let old_users = match swap_users(&mut state, &new_tokens, moved) {
            Ok(old_users) => old_users,
            Err(error) => {
                let refused = state.users.end_replacement();
                drop(state);
                // Dropping many users takes long, so the lock is released first.
                drop(refused);
                return Err(error);
            }
        };
        let old_instance = state.instances.replace(instance);
        state.clocks.set_instance(id, clock);
        also(&mut state);
        self.publish(&state);
        drop(state);
        let old_tokens: Vec<_> = old_users.view().iter().map(|user| user.device_token).collect();
        let mut state = self.write();
        for tokens in new_tokens.chunks(STEP).chain(old_tokens.chunks(STEP)) {
            state.users.settle(tokens);
            MutexGuard::bump(&mut state);
        }
        let replacement = state.users.end_replacement();
        Ok(Discarded {
            _state: None,
            _users: Some(Box::new(old_users)),
            _instance: old_instance.map(Box::new),
            _replacement: replacement.map(Box::new),
        })
    }
}

/// Makes the new users current, and returns the old ones. Releases the lock between two steps.
fn swap_users<E>(
    state: &mut MutexGuard<'_, State>,
    new_tokens: &[DeviceToken],
    moved: fn(&mut Users, DeviceToken) -> Result<(), E>,
) -> Result<InstanceUsers, E> {
    for tokens in new_tokens.chunks(STEP) {
        while let Some(token) = state.users.find_conflict(tokens) {
            moved(&mut state.users, token)?;
        }
        MutexGuard::bump(state);
    }
    loop {
        match state.users.swap() {
            Ok(old_users) => return Ok(old_users),
            Err(token) => moved(&mut state.users, token)?,
        }
    }
}

/// A user of the snapshot who is in another instance now: the snapshot is refused.
fn refuse_moved_user(_: &mut Users, token: DeviceToken) -> Result<(), RestoreError> {
    Err(RestoreError::Damaged(format!("user {token} is now in another instance")))
}

/// A user of the snapshot who is in another instance now: the user stays there.
fn exclude_moved_user(users: &mut Users, token: DeviceToken) -> Result<(), Infallible> {
    users.exclude(token);
    Ok(())
}

/// Lets the random stream of an instance continue at `position`, and makes its users other ones to all earlier tokens.
fn renew(snapshot: &mut InstanceSnapshot, seed: &Seed, position: u64) {
    let mut random = seed.stream(snapshot.instance.id.as_bytes()).at(position);
    for user in &mut snapshot.users {
        Arc::make_mut(user).credentials.renew(random.portable_number());
    }
    snapshot.random = random.position();
}

fn build(snapshot: InstanceSnapshot, seed: &Seed) -> Built {
    let InstanceSnapshot { instance: details, overrides, clock, random, outbox, pictures, users } = snapshot;
    let mut instance = Instance::new(details, seed);
    instance.overrides = overrides;
    instance.random = instance.random.at(random);
    instance.outbox = outbox;
    let mut restored = Pictures::default();
    for PictureSnapshot { id, kind, bytes } in pictures {
        restored.insert(id, Picture { kind, bytes });
    }
    instance.pictures = restored;
    Built { instance, clock, users: NewUsers::new(users) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::clock::FixedTime;
    use crate::service::ids::DeviceToken;
    use crate::service::instances::DEMO_INSTANCE;
    use crate::service::time::Timestamp;
    use crate::service::{Settings, Start, UserFixture};

    /// Whether a reset of the instance and one of the server leave the access token of a user of the start as it is.
    fn survives(seed: Seed) -> [bool; 2] {
        [Scope::Instance(DEMO_INSTANCE), Scope::Server].map(|scope| {
            let service = UserService::new(Start {
                settings: Settings::default(),
                seed: seed.clone(),
                time: Box::new(FixedTime(Timestamp::EPOCH)),
                clock: None,
            });
            let added = service.add_users(Scope::Server, UserFixture::default()).unwrap().remove(0);
            service.set_start();
            let device_token: DeviceToken = added.device_token.parse().unwrap();
            service.reset(scope).unwrap();
            let token = service.open(added.access_token.unwrap().expose());
            let state = service.read();
            let user = state.users.get(device_token).unwrap();
            token.is_some_and(|token| token.id.incarnation == user.credentials.incarnation())
        })
    }

    #[test]
    fn a_reset_ends_the_sessions_of_the_users_of_the_start_unless_the_seed_is_that_of_a_number() {
        assert_eq!(survives(Seed::from_bytes([7; 32])), [false, false]);
        assert_eq!(survives(Seed::from_number(7)), [true, true]);
    }
}
