//! The instances in the accounts API: admins create, read, change and delete them \[V\].

use std::sync::Arc;

use telematics_contract::accounts::{
    AccountStatus, CreateInstanceRequest, InstanceCredentials, InstanceView, UpdateInstanceQuery,
};

use super::UserService;
use super::account_views::instance_view;
use super::accounts::{NO_SUCH_APPLICATION, ensure_named};
use super::authentication::AdminCaller;
use super::ids::{ApplicationId, InstanceId};
use super::refusal::Refusal;

const NO_SUCH_INSTANCE: Refusal = Refusal::NotFound("No instance has this id.");

impl UserService {
    /// Creates an instance of an application \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPermitted`], [`Refusal::NotFound`]. [`Refusal::Invalid`]: the name is empty, or the server has too many
    /// instances \[P\].
    pub fn create_instance_of(
        &self,
        admin: AdminCaller,
        application: &str,
        request: CreateInstanceRequest,
    ) -> Result<InstanceCredentials, Refusal> {
        let mut state = self.write();
        state.ensure_manages_everything(admin)?;
        let id: ApplicationId = application.parse().map_err(|_| NO_SUCH_APPLICATION)?;
        let application = state.instances.applications.get(id).ok_or(NO_SUCH_APPLICATION)?.clone();
        ensure_named(Some(&request.name))?;
        state.ensure_room_for_instance()?;
        Ok(state.add_instance_to(&application, request))
    }

    /// The instances of an application that the admin sees; deactivated ones on request \[V\]. `None` if the admin sees no such
    /// application.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn list_instances(
        &self,
        admin: AdminCaller,
        application: &str,
        with_deactivated: bool,
    ) -> Result<Option<Vec<InstanceView>>, Refusal> {
        let state = self.read();
        let scope = state.admin_scope(admin)?;
        let Some(application) = state.visible_application(scope, application) else { return Ok(None) };
        let instances = state.instances_of(scope, application.id).into_iter();
        let listed = instances.filter(|found| with_deactivated || found.details.status == AccountStatus::Active);
        Ok(Some(listed.map(|instance| instance_view(&instance.details)).collect()))
    }

    /// The instance of an application with an invite code \[V\]; `None` if the admin sees no such instance.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn find_instance(
        &self,
        admin: AdminCaller,
        application: &str,
        invite_code: &str,
    ) -> Result<Option<InstanceView>, Refusal> {
        let state = self.read();
        let scope = state.admin_scope(admin)?;
        let found = state.instances.by_invite_code(invite_code).ok().and_then(|id| state.instances.get(id));
        let found = found.filter(|found| scope.includes(found.id()));
        let found = found.filter(|found| application.parse() == Ok(found.details.ownership.application));
        Ok(found.map(|instance| instance_view(&instance.details)))
    }

    /// An instance \[V\]; `None` if the admin sees no such instance.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn read_instance(&self, admin: AdminCaller, id: &str) -> Result<Option<InstanceView>, Refusal> {
        let state = self.read();
        let found = state.managed_instance(admin, id)?;
        Ok(found.map(|instance| instance_view(&instance.details)))
    }

    /// Changes the given fields of an instance \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: the admin sees no such instance. [`Refusal::Invalid`]: the name is empty.
    pub fn update_instance(&self, admin: AdminCaller, id: &str, change: UpdateInstanceQuery) -> Result<(), Refusal> {
        let mut state = self.write();
        let id = state.managed_instance(admin, id)?.ok_or(NO_SUCH_INSTANCE)?.id();
        ensure_named(change.name.as_deref())?;
        let instance = state.instances.get_mut(id).ok_or(NO_SUCH_INSTANCE)?;
        let details = Arc::make_mut(&mut instance.details);
        if let Some(name) = change.name {
            details.name = name.into();
        }
        if change.description.is_some() {
            details.description = change.description.map(Into::into);
        }
        details.status = change.status.map_or(details.status, |written| written.0);
        Ok(())
    }

    /// Deletes an instance \[V\], and returns its id. Waits for a reset or a restoration that is in progress.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: the admin sees no such instance. [`Refusal::Invalid`]: it has users \[V\].
    pub fn delete_instance(&self, admin: AdminCaller, id: &str) -> Result<InstanceId, Refusal> {
        let _only_one = self.start.lock();
        let mut state = self.write();
        let id = state.managed_instance(admin, id)?.ok_or(NO_SUCH_INSTANCE)?.id();
        if state.users.view(id).is_some() {
            let message = "Can't update instance, because users exists in instance.";
            return Err(Refusal::invalid("InstanceId", message));
        }
        state.remove_instance(id);
        self.publish(&state);
        Ok(id)
    }
}
