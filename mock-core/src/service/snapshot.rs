//! Snapshot, restore and reset: the whole state as a document, so that a restored server goes on exactly as the original
//! would have.
//!
//! A snapshot holds every secret of the server: the seed, the keys of the instances, the messages of the outbox.

use std::collections::HashSet;
use std::fmt;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::admins::Admins;
use super::clock::{Dial, InstanceDial};
use super::ids::{InstanceId, PictureId};
use super::instances::{Instance, Instances, NewInstance};
use super::lockout::{Attempts, Lockout};
use super::outbox::Outbox;
use super::pictures::{Picture, PictureKind, Pictures};
use super::random::Seed;
use super::settings::{Overrides, Settings};
use super::users::{Home, User, Users};
use super::{Keys, NoSuchInstance, Scope, State, UserService};

/// The version of the document; another one cannot be restored.
const VERSION: u32 = 1;

/// The state of a server, or of some instances of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    seed: Seed,
    /// What belongs to no instance; a snapshot of one instance has none.
    server: Option<Server>,
    instances: Vec<InstanceSnapshot>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Server {
    settings: Settings,
    clock: Dial,
    clock_at_start: Dial,
    random: u64,
    admins: Admins,
    lockout: Vec<(Option<InstanceId>, IpAddr, Attempts)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InstanceSnapshot {
    instance: NewInstance,
    overrides: Overrides,
    clock: InstanceDial,
    random: u64,
    outbox: Outbox,
    pictures: Vec<PictureSnapshot>,
    users: Vec<User>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PictureSnapshot {
    id: PictureId,
    kind: PictureKind,
    base64: String,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} instances)", self.instances.len())
    }
}

/// Why a snapshot cannot be restored; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// It is of another version of this server.
    #[error("the snapshot has version {0}, and this server reads version {VERSION}")]
    Version(u32),
    /// It is of a whole server, and one instance is to be restored, or the other way round.
    #[error("{0}")]
    Scope(&'static str),
    /// Its tokens were signed by a server with another seed.
    #[error("the snapshot of an instance can only be restored into a server with the same seed")]
    Seed,
    /// Something is in it twice, or a picture is unreadable.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
}

/// What a reset or a restore has replaced. Dropping it may take a while, so it is best dropped elsewhere.
pub struct Discarded {
    _state: Option<Box<State>>,
    _home: Option<Home>,
    _instance: Option<Box<Instance>>,
}

impl fmt::Debug for Discarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Discarded")
    }
}

impl UserService {
    /// The state of a scope.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn snapshot(&self, scope: Scope) -> Result<Snapshot, NoSuchInstance> {
        let state = self.read();
        let Scope::Instance(id) = scope else { return Ok(state.snapshot()) };
        let instance = state.instances.get(id).ok_or(NoSuchInstance)?;
        let instances = vec![state.instance_snapshot(instance)];
        Ok(Snapshot { version: VERSION, seed: state.keys.seed.clone(), server: None, instances })
    }

    /// Puts a snapshot in the place of the state, all at once.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`]; nothing was changed.
    pub fn restore(&self, scope: Scope, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        if snapshot.version != VERSION {
            return Err(RestoreError::Version(snapshot.version));
        }
        match scope {
            Scope::Server => self.restore_server(snapshot),
            Scope::Instance(id) => self.restore_instance(id, snapshot),
        }
    }

    fn restore_server(&self, snapshot: Snapshot) -> Result<Discarded, RestoreError> {
        let Snapshot { seed, server, instances, .. } = snapshot;
        let server =
            server.ok_or(RestoreError::Scope("this is the snapshot of an instance; name it with ?instance="))?;
        let keys = Arc::new(Keys::of(seed));
        let mut state = State {
            settings: server.settings,
            clock: server.clock,
            clock_at_start: server.clock_at_start,
            random: keys.seed.stream(b"server").at(server.random),
            instances: Instances::default(),
            users: Users::default(),
            admins: server.admins,
            lockout: Lockout::of(
                server.lockout.into_iter().map(|(instance, address, attempts)| ((instance, address), attempts)),
            ),
            audience: None,
            revision: 0,
            keys: Arc::clone(&keys),
        };
        let mut device_tokens = HashSet::new();
        for snapshot in instances {
            if let Some(twice) = snapshot.users.iter().find(|user| !device_tokens.insert(user.device_token)) {
                return Err(RestoreError::Damaged(format!("user {} is in it twice", twice.device_token)));
            }
            let (instance, home) = snapshot.build(&keys.seed)?;
            state.users.replace_home(instance.id, home);
            state.instances.add(instance).map_err(|error| RestoreError::Damaged(error.to_string()))?;
        }
        // Whoever sees the new state sees the new keys: they are changed under its lock.
        let mut current = self.write();
        state.revision = current.revision;
        state.audience.clone_from(&current.audience);
        *self.keys.write() = keys;
        let before = mem::replace(&mut *current, state);
        Ok(Discarded { _state: Some(Box::new(before)), _home: None, _instance: None })
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
        let (instance, home) = only.build(&seed)?;
        let mut state = self.write();
        if state.keys.seed != seed {
            return Err(RestoreError::Seed);
        }
        let elsewhere =
            home.iter().find(|user| state.users.get(user.device_token).is_some_and(|found| found.instance != id));
        if let Some(user) = elsewhere {
            let token = user.device_token;
            return Err(RestoreError::Damaged(format!("user {token} is in another instance by now")));
        }
        Ok(state.put(instance, home))
    }

    /// Sets a scope back to its start: the server to its configuration, an instance to the state at the start of the server
    /// or at its creation.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn reset(&self, scope: Scope) -> Result<Discarded, NoSuchInstance> {
        let start = Arc::clone(&self.start.lock());
        let Scope::Instance(id) = scope else {
            // The snapshot was made by this server, so its restoration cannot fail.
            return self.restore_server(Snapshot::clone(&start)).map_err(|_| NoSuchInstance);
        };
        let mut state = self.write();
        let known = start.instances.iter().find(|snapshot| snapshot.instance.id == id).cloned();
        let (instance, home) = match known {
            Some(snapshot) => snapshot.build(&state.keys.seed).map_err(|_| NoSuchInstance)?,
            None => {
                let new = state.instances.get(id).ok_or(NoSuchInstance)?.as_new();
                (Instance::new(new, &state.keys.seed), Home::default())
            }
        };
        state.lockout.forget(id);
        Ok(state.put(instance, home))
    }
}

impl State {
    /// Puts an instance and its users in the place of what there was.
    fn put(&mut self, instance: Instance, home: Home) -> Discarded {
        let home = self.users.replace_home(instance.id, home);
        let instance = self.instances.replace(instance);
        Discarded { _state: None, _home: home, _instance: instance.map(Box::new) }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let lockout = self.lockout.iter().map(|((instance, address), attempts)| (instance, address, attempts.clone()));
        let mut lockout: Vec<_> = lockout.collect();
        lockout.sort_by_key(|(instance, address, _)| (*instance, *address));
        let mut instances: Vec<_> = self.instances.iter().collect();
        instances.sort_by_key(|instance| instance.id);
        Snapshot {
            version: VERSION,
            seed: self.keys.seed.clone(),
            server: Some(Server {
                settings: self.settings,
                clock: self.clock,
                clock_at_start: self.clock_at_start,
                random: self.random.position(),
                admins: self.admins.clone(),
                lockout,
            }),
            instances: instances.into_iter().map(|instance| self.instance_snapshot(instance)).collect(),
        }
    }

    fn instance_snapshot(&self, instance: &Instance) -> InstanceSnapshot {
        let mut users: Vec<_> = self.users.of(instance.id).cloned().collect();
        users.sort_by_key(|user| user.device_token);
        let pictures = instance.pictures.iter().map(|(id, Picture { kind, bytes })| PictureSnapshot {
            id,
            kind: *kind,
            base64: BASE64_STANDARD.encode(bytes),
        });
        let mut pictures: Vec<_> = pictures.collect();
        pictures.sort_by_key(|picture| picture.id);
        InstanceSnapshot {
            instance: instance.as_new(),
            overrides: instance.overrides,
            clock: instance.clock,
            random: instance.random.position(),
            outbox: instance.outbox.clone(),
            pictures,
            users,
        }
    }
}

impl InstanceSnapshot {
    fn build(self, seed: &Seed) -> Result<(Instance, Home), RestoreError> {
        let Self { instance, overrides, clock, random, outbox, pictures, users } = self;
        if let Some(stranger) = users.iter().find(|user| user.instance != instance.id) {
            let token = stranger.device_token;
            return Err(RestoreError::Damaged(format!("user {token} is of another instance")));
        }
        let mut instance = Instance::new(instance, seed);
        instance.overrides = overrides;
        instance.clock = clock;
        instance.random = instance.random.at(random);
        instance.outbox = outbox;
        let mut kept = Pictures::default();
        for PictureSnapshot { id, kind, base64 } in pictures {
            let bytes = BASE64_STANDARD.decode(base64);
            let bytes = bytes.map_err(|_| RestoreError::Damaged(format!("picture {id} is unreadable")))?;
            kept.keep(id, Picture { kind, bytes: bytes.into() });
        }
        instance.pictures = kept;
        let home = Home::of(users, instance.has_ubi);
        Ok((instance, home))
    }
}
