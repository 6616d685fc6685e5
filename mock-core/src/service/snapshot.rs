//! The snapshot: the whole state as a document, from which a server continues exactly as the original would have.
//!
//! A snapshot contains every secret of the server: the seed, the keys of the instances, the messages of the outbox.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::admins::Admin;
use super::applications::Applications;
use super::clock::{Dial, InstanceDial};
use super::ids::{InstanceId, PictureId};
use super::instances::{InstanceTaken, NewInstance};
use super::lockout::Attempts;
use super::map::Set;
use super::outbox::Outbox;
use super::pictures::PictureKind;
use super::random::Seed;
use super::settings::{Overrides, Settings};
use super::users::User;

/// The version of the document. A server restores only its own version.
///
/// The document contains users, admins and messages with the fields of their Rust types. A change of one of these fields is a change
/// of the document and needs the next version.
pub const VERSION: u32 = 3;

/// The state of a server, or of one of its instances.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    seed: Seed,
    /// The state that belongs to no instance; `None` in the snapshot of an instance.
    server: Option<ServerSnapshot>,
    instances: Vec<InstanceSnapshot>,
    /// The numbers of random words that the faults have drawn for each scope.
    fault_draws: FaultDraws,
}

/// The numbers of random words that the faults have drawn, for the server and for instances.
pub type FaultDraws = Vec<(Option<InstanceId>, u64)>;

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
    /// It contains something twice, or something that belongs elsewhere.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
}

/// The state of a server whose ids, invite codes and DeviceTokens are unique, so that restoring it cannot fail.
#[derive(Clone)]
pub(super) struct ServerState {
    pub(super) seed: Seed,
    pub(super) server: ServerSnapshot,
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
    pub(super) applications: Applications,
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

impl InstanceSnapshot {
    /// An instance that was just created with this data.
    pub(super) fn of_new(instance: Arc<NewInstance>) -> Self {
        Self {
            overrides: instance.settings,
            instance,
            clock: InstanceDial::default(),
            random: 0,
            outbox: Outbox::default(),
            pictures: Vec::new(),
            users: Vec::new(),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PictureSnapshot {
    pub(super) id: PictureId,
    pub(super) kind: PictureKind,
    #[serde(rename = "base64", with = "base64_text")]
    pub(super) bytes: Bytes,
}

/// The content of a file as base64.
mod base64_text {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Bytes::from).map_err(|_| de::Error::custom("a picture is not valid base64"))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} instances)", self.instances.len())
    }
}

impl From<ServerState> for Snapshot {
    fn from(ServerState { seed, server, instances }: ServerState) -> Self {
        Self { version: VERSION, seed, server: Some(server), instances, fault_draws: FaultDraws::new() }
    }
}

impl Snapshot {
    /// The version of the documents that this server writes and reads.
    pub const VERSION: u32 = VERSION;

    /// The snapshot of one instance of a server with this seed.
    pub(super) fn of_instance(seed: Seed, instance: InstanceSnapshot) -> Self {
        Self { version: VERSION, seed, server: None, instances: vec![instance], fault_draws: FaultDraws::new() }
    }

    /// The snapshot with the draws of the faults, which the service does not know.
    #[must_use]
    pub fn with_fault_draws(self, fault_draws: FaultDraws) -> Self {
        Self { fault_draws, ..self }
    }

    /// The seed, and the draws of the faults.
    #[must_use]
    pub fn draws(&self) -> (Seed, FaultDraws) {
        (self.seed.clone(), self.fault_draws.clone())
    }

    /// The state of the server in the snapshot.
    ///
    /// # Errors
    ///
    /// It has another version, is the snapshot of an instance, or is damaged.
    pub(super) fn into_server(self) -> Result<ServerState, RestoreError> {
        self.check()?;
        let Self { seed, server, instances, .. } = self;
        let wrong = "this is the snapshot of an instance; name it with ?instance=";
        let server = server.ok_or(RestoreError::Scope(wrong))?;
        Ok(ServerState { seed, server, instances })
    }

    /// The state of an instance in the snapshot, which a server with this seed made.
    ///
    /// # Errors
    ///
    /// It has another version or another seed, is not the snapshot of this instance, or is damaged.
    pub(super) fn into_instance(self, id: InstanceId, expected: &Seed) -> Result<InstanceSnapshot, RestoreError> {
        self.check()?;
        let Self { seed, server, instances, .. } = self;
        let only = <[InstanceSnapshot; 1]>::try_from(instances).ok().filter(|[only]| only.instance.id == id);
        let (None, Some([only])) = (server, only) else {
            return Err(RestoreError::Scope("this is not the snapshot of that instance"));
        };
        if seed == *expected { Ok(only) } else { Err(RestoreError::Seed) }
    }

    /// Checks the version, and that no instance and no user occurs twice.
    fn check(&self) -> Result<(), RestoreError> {
        if self.version != VERSION {
            return Err(RestoreError::Version(self.version));
        }
        let damaged = |why: String| Err(RestoreError::Damaged(why));
        let (mut ids, mut invite_codes, mut device_tokens) = (Set::default(), Set::default(), Set::default());
        for InstanceSnapshot { instance, users, .. } in &self.instances {
            if !ids.insert(instance.id) {
                return damaged(InstanceTaken::Id(instance.id).to_string());
            }
            if !invite_codes.insert(&instance.invite_code) {
                return damaged(InstanceTaken::InviteCode(instance.invite_code.clone()).to_string());
            }
            for user in users {
                if user.instance != instance.id {
                    return damaged(format!("user {} belongs to another instance", user.device_token));
                }
                if !device_tokens.insert(user.device_token) {
                    return damaged(format!("user {} is in it twice", user.device_token));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
