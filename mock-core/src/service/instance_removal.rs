//! The list of the instances, and the removal of an instance with everything that belongs to it.

use std::sync::Arc;

use super::UserService;
use super::ids::InstanceId;
use super::instances::Instance;
use super::restoration::Discarded;
use super::test_control::NoSuchInstance;
use crate::ordering::sort_by_number;

/// An instance as a test sees one, without its key and its invite code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceView {
    /// The id.
    pub id: InstanceId,
    /// The name.
    pub name: String,
    /// Whether the instance has the product UBI.
    pub has_ubi: bool,
    /// The number of its users.
    pub users: usize,
}

impl UserService {
    /// The instances, in the order of their ids.
    #[must_use]
    pub fn instances(&self) -> Vec<InstanceView> {
        let mut views: Vec<_> = {
            let state = self.read();
            let view = |instance: &Instance| InstanceView {
                id: instance.id(),
                name: instance.details.name.to_string(),
                has_ubi: instance.details.has_ubi,
                users: state.users.count(instance.id()),
            };
            state.instances.iter().map(view).collect()
        };
        sort_by_number(&mut views, |view| view.id.as_u128());
        views
    }

    /// Removes an instance with its users, pictures, messages and settings, and the admins who manage only this instance. A reset of
    /// the server brings back an instance that existed at the start.
    ///
    /// # Errors
    ///
    /// The server has no such instance.
    pub fn remove_instance(&self, id: InstanceId) -> Result<Discarded, NoSuchInstance> {
        let _only_one = self.start.lock();
        let details = {
            let state = self.read();
            Arc::clone(&state.instances.get(id).ok_or(NoSuchInstance)?.details)
        };
        let discarded = self.replace_by_nothing(details);
        // Nobody can have registered since, because the instance is gone.
        self.write().users.forget(id);
        Ok(discarded)
    }
}
