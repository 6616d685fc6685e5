//! Capturing the state: a short step under the lock, and the document outside it.

use std::sync::Arc;

use super::clock::InstanceDial;
use super::ids::{InstanceId, PictureId};
use super::instances::{Instance, NewInstance};
use super::outbox::Outbox;
use super::pictures::Picture;
use super::random::Seed;
use super::settings::Overrides;
use super::slab::SlabView;
use super::snapshot::{InstanceSnapshot, PictureSnapshot, ServerSnapshot, ServerState};
use super::state::State;
use super::users::User;
use crate::ordering::sort_by_number;

/// The state of a server at one moment, taken under the lock.
pub(super) struct CapturedServer {
    seed: Seed,
    server: ServerSnapshot,
    instances: Vec<CapturedInstance>,
}

/// The state of an instance at one moment, taken under the lock.
pub(super) struct CapturedInstance {
    details: Arc<NewInstance>,
    overrides: Overrides,
    clock: InstanceDial,
    random: u64,
    outbox: Outbox,
    pictures: Vec<(PictureId, Picture)>,
    users: Option<SlabView<User>>,
}

impl State {
    /// The whole state.
    pub(super) fn capture(&self) -> CapturedServer {
        let lockout = self.lockout.iter().map(|((instance, address), attempts)| (instance, address, attempts.clone()));
        CapturedServer {
            seed: self.keys.seed.clone(),
            server: ServerSnapshot {
                settings: self.settings,
                clock: self.clocks.server(),
                clock_at_start: self.clock_at_start,
                random: self.random.position(),
                admins: self.admins.to_vec(),
                applications: self.instances.applications.clone(),
                lockout: lockout.collect(),
            },
            instances: self.instances.iter().map(|instance| self.captured(instance)).collect(),
        }
    }

    /// The state of one instance; `None` if the server has no such instance.
    pub(super) fn capture_instance(&self, id: InstanceId) -> Option<CapturedInstance> {
        self.instances.get(id).map(|instance| self.captured(instance))
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

impl CapturedServer {
    /// The document. Its lists are sorted, so that equal states give equal documents.
    pub(super) fn into_state(self) -> ServerState {
        let Self { seed, mut server, instances } = self;
        server.lockout.sort_by_key(|(instance, address, _)| (*instance, *address));
        let mut instances: Vec<_> = instances.into_iter().map(CapturedInstance::into_snapshot).collect();
        sort_by_number(&mut instances, |snapshot| snapshot.instance.id.as_u128());
        ServerState { seed, server, instances }
    }
}

impl CapturedInstance {
    /// The document, with sorted lists.
    pub(super) fn into_snapshot(self) -> InstanceSnapshot {
        let Self { details, overrides, clock, random, outbox, pictures, users } = self;
        let pictures = pictures.into_iter();
        let pictures = pictures.map(|(id, Picture { kind, bytes })| PictureSnapshot { id, kind, bytes });
        let mut pictures: Vec<_> = pictures.collect();
        sort_by_number(&mut pictures, |picture| picture.id.as_u128());
        let mut users: Vec<_> = users.iter().flat_map(SlabView::iter).cloned().collect();
        sort_by_number(&mut users, |user| user.device_token.as_u128());
        InstanceSnapshot { instance: details, overrides, clock, random, outbox, pictures, users }
    }
}
