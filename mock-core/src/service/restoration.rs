//! Restoration of a snapshot, and reset to the start.

use std::fmt;
use std::mem;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use parking_lot::MutexGuard;

use super::UserService;
use super::clock::InstanceDial;
use super::ids::{DeviceToken, InstanceId};
use super::instance_users::{InstanceUsers, NewUsers, Replacement};
use super::instances::Instance;
use super::lockout::Lockout;
use super::map::Set;
use super::pictures::{Picture, Pictures};
use super::random::Seed;
use super::scope::Scope;
use super::snapshot::{InstanceSnapshot, PictureSnapshot, Snapshot, VERSION};
use super::state::State;
use super::test_control::NoSuchInstance;

/// The number of directory entries that are updated under one lock.
const STEP: usize = 2048;

/// A snapshot cannot be restored; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// It has another version.
    #[error("the snapshot has version {0}, and this server reads version {VERSION}")]
    Version(u32),
    /// It is the snapshot of a server and the scope is an instance, or the other way round.
    #[error("{0}")]
    Scope(&'static str),
    /// Its tokens were signed by a server with another seed.
    #[error("the snapshot of an instance can only be restored into a server with the same seed")]
    Seed,
    /// It contains something twice, or a picture is unreadable.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
}

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

/// The treatment of a user of the snapshot who is in another instance now.
#[derive(Clone, Copy)]
enum Elsewhere {
    /// The snapshot is refused.
    Refuse,
    /// The user stays in the other instance.
    Stay,
}

impl Elsewhere {
    fn resolve(self, state: &mut State, token: DeviceToken) -> Result<(), RestoreError> {
        match self {
            Self::Stay => {
                state.users.exclude(token);
                Ok(())
            }
            Self::Refuse => {
                state.users.end_replacement();
                Err(RestoreError::Damaged(format!("user {token} is now in another instance")))
            }
        }
    }
}

impl UserService {
    /// Replaces the state of a scope by a snapshot. Readers see the old state or the new one, never a mixture. The work grows with
    /// the number of users, but other requests wait for it only fractions of a millisecond.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`]; nothing was changed.
    pub fn restore(&self, scope: Scope, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        if snapshot.version != VERSION {
            return Err(RestoreError::Version(snapshot.version));
        }
        let _only_one = self.start.lock();
        match scope {
            Scope::Server => self.restore_server(snapshot),
            Scope::Instance(id) => self.restore_instance(id, snapshot),
        }
    }

    fn restore_server(&self, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        let Snapshot { seed, server, instances, .. } = snapshot;
        let server =
            server.ok_or(RestoreError::Scope("this is the snapshot of an instance; name it with ?instance="))?;
        let mut state = State::new(server.settings, seed, server.clock);
        state.clock_at_start = server.clock_at_start;
        state.random = state.keys.seed.stream(b"server").at(server.random);
        state.admins = server.admins.into_iter().collect();
        let attempts = server.lockout.into_iter();
        state.lockout =
            Lockout::from_attempts(attempts.map(|(instance, address, attempts)| ((instance, address), attempts)));
        let mut device_tokens = Set::default();
        for snapshot in instances {
            check_unique(&snapshot, &mut device_tokens)?;
            let Built { instance, clock, users } = build(snapshot, &state.keys.seed)?;
            let id = instance.id();
            state.users.put_all(id, users);
            state.clocks.set_instance(id, clock);
            state.instances.add(instance).map_err(|error| RestoreError::Damaged(error.to_string()))?;
        }
        let mut current = self.write();
        state.revision = current.revision;
        state.listener.clone_from(&current.listener);
        // Published under the lock: a reader of the new state finds the new keys.
        self.publish(&state);
        let before = mem::replace(&mut *current, state);
        Ok(Discarded { _state: Some(Box::new(before)), ..Discarded::default() })
    }

    fn restore_instance(&self, id: InstanceId, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        let Snapshot { seed, server, instances, .. } = snapshot;
        let wrong = "this is not the snapshot of that instance";
        let (None, Ok([only])) = (server, <[InstanceSnapshot; 1]>::try_from(instances)) else {
            return Err(RestoreError::Scope(wrong));
        };
        if only.instance.id != id {
            return Err(RestoreError::Scope(wrong));
        }
        if self.read().keys.seed != seed {
            return Err(RestoreError::Seed);
        }
        check_unique(&only, &mut Set::default())?;
        let built = build(only, &seed)?;
        self.replace_instance(built, Elsewhere::Refuse, |_| {})
    }

    /// Sets a scope back to its start: the server to its configuration, an instance to the state at the start of the server or at its
    /// creation. A user who moved to another instance stays there.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn reset(&self, scope: Scope) -> Result<Discarded, NoSuchInstance> {
        let start = self.start.lock();
        let Scope::Instance(id) = scope else {
            // This server made the snapshot, so its restoration cannot fail.
            return self.restore_server(Snapshot::clone(&start)).map_err(|_| NoSuchInstance);
        };
        let (seed, details) = {
            let state = self.read();
            let instance = state.instances.get(id).ok_or(NoSuchInstance)?;
            (state.keys.seed.clone(), Arc::clone(&instance.details))
        };
        let built = match start.instances.iter().find(|snapshot| snapshot.instance.id == id) {
            Some(snapshot) => build(snapshot.clone(), &seed).map_err(|_| NoSuchInstance)?,
            None => Built {
                instance: Instance::new(details, &seed),
                clock: InstanceDial::default(),
                users: NewUsers::default(),
            },
        };
        self.replace_instance(built, Elsewhere::Stay, |state| state.lockout.forget(id)).map_err(|_| NoSuchInstance)
    }

    /// Replaces an instance and its users, in the steps of [`super::replacement`].
    fn replace_instance(
        &self,
        built: Built,
        elsewhere: Elsewhere,
        also: impl FnOnce(&mut State),
    ) -> Result<Discarded, RestoreError> {
        let Built { instance, clock, users } = built;
        let (id, new_tokens) = (instance.id(), users.device_tokens());
        let mut state = self.write();
        state.users.begin_replacement(id, users);
        for tokens in new_tokens.chunks(STEP) {
            while let Some(token) = state.users.find_conflict(tokens) {
                elsewhere.resolve(&mut state, token)?;
            }
            MutexGuard::bump(&mut state);
        }
        let old_users = loop {
            match state.users.swap() {
                Ok(old_users) => break old_users,
                Err(token) => elsewhere.resolve(&mut state, token)?,
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

/// Checks that no two users have the same DeviceToken.
fn check_unique(snapshot: &InstanceSnapshot, seen: &mut Set<DeviceToken>) -> Result<(), RestoreError> {
    match snapshot.users.iter().find(|user| !seen.insert(user.device_token)) {
        None => Ok(()),
        Some(twice) => Err(RestoreError::Damaged(format!("user {} is in it twice", twice.device_token))),
    }
}

fn build(snapshot: InstanceSnapshot, seed: &Seed) -> Result<Built, RestoreError> {
    let InstanceSnapshot { instance: details, overrides, clock, random, outbox, pictures, users } = snapshot;
    if let Some(stranger) = users.iter().find(|user| user.instance != details.id) {
        let token = stranger.device_token;
        return Err(RestoreError::Damaged(format!("user {token} belongs to another instance")));
    }
    let mut instance = Instance::new(details, seed);
    instance.overrides = overrides;
    instance.random = instance.random.at(random);
    instance.outbox = outbox;
    let mut restored = Pictures::default();
    for PictureSnapshot { id, kind, base64 } in pictures {
        let bytes = BASE64_STANDARD.decode(base64);
        let bytes = bytes.map_err(|_| RestoreError::Damaged(format!("picture {id} is unreadable")))?;
        restored.insert(id, Picture { kind, bytes: bytes.into() });
    }
    instance.pictures = restored;
    Ok(Built { instance, clock, users: NewUsers::new(users) })
}
