//! The snapshot: the whole state as a document, from which a server continues exactly as the original would have.
//!
//! A snapshot contains every secret of the server: the seed, the keys of the instances, the messages of the outbox.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::UserService;
use super::admins::Admin;
use super::clock::{Dial, InstanceDial};
use super::ids::{InstanceId, PictureId};
use super::instances::{Instance, NewInstance};
use super::lockout::Attempts;
use super::outbox::Outbox;
use super::pictures::{Picture, PictureKind};
use super::random::Seed;
use super::scope::Scope;
use super::settings::{Overrides, Settings};
use super::slab::SlabView;
use super::state::State;
use super::test_control::NoSuchInstance;
use super::users::User;

/// The version of the document. A server restores only its own version.
///
/// The document contains users, admins and messages with the fields of their Rust types. A change of one of these fields is a change
/// of the document and needs the next version.
pub const VERSION: u32 = 2;

/// The state of a server, or of one of its instances.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    pub(super) version: u32,
    pub(super) seed: Seed,
    /// The state that belongs to no instance; `None` in the snapshot of an instance.
    pub(super) server: Option<ServerSnapshot>,
    pub(super) instances: Vec<InstanceSnapshot>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ServerSnapshot {
    pub(super) settings: Settings,
    pub(super) clock: Dial,
    pub(super) clock_at_start: Dial,
    pub(super) random: u64,
    pub(super) admins: Vec<Admin>,
    pub(super) lockout: Vec<(Option<InstanceId>, IpAddr, Attempts)>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InstanceSnapshot {
    pub(super) instance: Arc<NewInstance>,
    pub(super) overrides: Overrides,
    pub(super) clock: InstanceDial,
    pub(super) random: u64,
    pub(super) outbox: Outbox,
    pub(super) pictures: Vec<PictureSnapshot>,
    pub(super) users: Vec<Arc<User>>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PictureSnapshot {
    pub(super) id: PictureId,
    pub(super) kind: PictureKind,
    pub(super) base64: String,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} instances)", self.instances.len())
    }
}

/// The state as of one moment, taken under the lock and made a document outside it.
pub(super) struct Captured {
    seed: Seed,
    server: Option<ServerSnapshot>,
    instances: Vec<CapturedInstance>,
}

struct CapturedInstance {
    details: Arc<NewInstance>,
    overrides: Overrides,
    clock: InstanceDial,
    random: u64,
    outbox: Outbox,
    pictures: Vec<(PictureId, Picture)>,
    users: Option<SlabView<User>>,
}

impl UserService {
    /// The state of a scope as of one moment. The work grows with the number of users, but other requests wait for it only a
    /// fraction of a millisecond for a million users.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn snapshot(&self, scope: Scope) -> Result<Snapshot, NoSuchInstance> {
        let captured = {
            let state = self.read();
            match scope {
                Scope::Server => state.capture(),
                Scope::Instance(id) => state.capture_instance(id)?,
            }
        };
        Ok(captured.into_snapshot())
    }
}

impl State {
    /// The whole state.
    pub(super) fn capture(&self) -> Captured {
        let lockout = self.lockout.iter().map(|((instance, address), attempts)| (instance, address, attempts.clone()));
        Captured {
            seed: self.keys.seed.clone(),
            server: Some(ServerSnapshot {
                settings: self.settings,
                clock: self.clocks.server(),
                clock_at_start: self.clock_at_start,
                random: self.random.position(),
                admins: self.admins.to_vec(),
                lockout: lockout.collect(),
            }),
            instances: self.instances.iter().map(|instance| self.captured(instance)).collect(),
        }
    }

    fn capture_instance(&self, id: InstanceId) -> Result<Captured, NoSuchInstance> {
        let instance = self.instances.get(id).ok_or(NoSuchInstance)?;
        Ok(Captured { seed: self.keys.seed.clone(), server: None, instances: vec![self.captured(instance)] })
    }

    fn captured(&self, instance: &Instance) -> CapturedInstance {
        CapturedInstance {
            details: Arc::clone(&instance.details),
            overrides: instance.overrides,
            clock: self.clocks.instance(instance.id()),
            random: instance.random.position(),
            outbox: instance.outbox.clone(),
            pictures: instance.pictures.iter().map(|(id, picture)| (id, picture.clone())).collect(),
            users: self.users.view(instance.id()),
        }
    }
}

impl Captured {
    /// The document. Its lists are sorted, so that equal states give equal documents.
    pub(super) fn into_snapshot(self) -> Snapshot {
        let Self { seed, mut server, instances } = self;
        if let Some(server) = &mut server {
            server.lockout.sort_by_key(|(instance, address, _)| (*instance, *address));
        }
        let mut instances: Vec<_> = instances.into_iter().map(CapturedInstance::into_snapshot).collect();
        instances.sort_by_key(|snapshot| snapshot.instance.id);
        Snapshot { version: VERSION, seed, server, instances }
    }
}

impl CapturedInstance {
    fn into_snapshot(self) -> InstanceSnapshot {
        let Self { details, overrides, clock, random, outbox, pictures, users } = self;
        let pictures = pictures.into_iter().map(|(id, Picture { kind, bytes })| PictureSnapshot {
            id,
            kind,
            base64: BASE64_STANDARD.encode(bytes),
        });
        let mut pictures: Vec<_> = pictures.collect();
        pictures.sort_by_key(|picture| picture.id);
        let mut users: Vec<_> = users.iter().flat_map(SlabView::iter).cloned().collect();
        users.sort_by_key(|user| user.device_token);
        InstanceSnapshot { instance: details, overrides, clock, random, outbox, pictures, users }
    }
}
