//! The applications in the accounts API: admins create, read, change and delete them; and what an admin may manage \[V\].
//!
//! An admin sees the applications and instances that the admin manages, and nothing else. A read of something that does not exist, or
//! that the admin does not see, returns nothing \[V\]; a change of it is `404` \[P\].

use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::accounts::{
    ApplicationView, CreateApplicationRequest, CreateApplicationResponse, CreateInstanceRequest,
    DEFAULT_GROUP_DESCRIPTION, DEFAULT_GROUP_NAME, InstanceCredentials, InstanceSummary, Permissions,
    UpdateApplicationRequest,
};

use super::UserService;
use super::account_views::{application_view, company_permission, instance_permission};
use super::admins::AdminScope;
use super::applications::{Application, MAX_APPLICATIONS};
use super::authentication::AdminCaller;
use super::clock::InstanceDial;
use super::ids::{ApplicationId, CompanyId, InstanceId, InstanceKey};
use super::instances::{Instance, MAX_INSTANCES, NewInstance, Ownership};
use super::passwords;
use super::refusal::Refusal;
use super::settings::Overrides;
use super::state::State;

const NO_SUCH_COMPANY: Refusal = Refusal::NotFound("No company has this id.");
pub(super) const NO_SUCH_APPLICATION: Refusal = Refusal::NotFound("No application has this id.");

impl UserService {
    /// Creates an application, and an instance in it if the request asks for the default group \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPermitted`], [`Refusal::NotFound`]: the company is unknown. [`Refusal::Invalid`]: the name is empty, or the
    /// server has too many applications or instances \[P\].
    pub fn create_application(
        &self,
        admin: AdminCaller,
        company: &str,
        request: CreateApplicationRequest,
    ) -> Result<CreateApplicationResponse, Refusal> {
        let mut state = self.write();
        state.ensure_manages_everything(admin)?;
        let company: CompanyId = company.parse().map_err(|_| NO_SUCH_COMPANY)?;
        state.instances.applications.company_name(company).ok_or(NO_SUCH_COMPANY)?;
        ensure_named(Some(&request.name))?;
        if state.instances.applications.count() >= MAX_APPLICATIONS {
            let message = format!("The mock server has at most {MAX_APPLICATIONS} applications.");
            return Err(Refusal::invalid("CompanyId", message));
        }
        let has_group = request.create_default_group == Some(true);
        if has_group {
            state.ensure_room_for_instance()?;
        }
        let id = ApplicationId::from_random(state.random.bytes());
        let mut application = Application::new(id, company, &request.name);
        application.apply(UpdateApplicationRequest {
            name: None,
            description: request.description,
            status: request.status,
            google_play_link: request.google_play_link,
            apple_store_link: request.apple_store_link,
            environment: request.environment,
        });
        state.instances.applications.add(application.clone());
        let group = has_group.then(|| CreateInstanceRequest {
            name: DEFAULT_GROUP_NAME.to_owned(),
            description: Some(DEFAULT_GROUP_DESCRIPTION.to_owned()),
            status: None,
        });
        let instances = group.into_iter().map(|group| state.add_instance_to(&application, group)).collect();
        Ok(CreateApplicationResponse { app_id: id.to_string(), instances })
    }

    /// The applications of a company that the admin sees, without their instances \[V\]; `None` if the company is unknown.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn list_applications(
        &self,
        admin: AdminCaller,
        company: &str,
    ) -> Result<Option<Vec<ApplicationView>>, Refusal> {
        let state = self.read();
        let scope = state.admin_scope(admin)?;
        let known = |id: &CompanyId| state.instances.applications.company_name(*id).is_some();
        let Some(company) = company.parse().ok().filter(known) else { return Ok(None) };
        let applications = state.instances.applications.iter();
        let visible = applications.filter(|found| found.company == company && state.sees_application(scope, found.id));
        Ok(Some(visible.map(|application| application_view(application, None)).collect()))
    }

    /// An application, with its instances on request \[V\]; `None` if the admin sees no such application.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn read_application(
        &self,
        admin: AdminCaller,
        id: &str,
        with_instances: bool,
    ) -> Result<Option<ApplicationView>, Refusal> {
        let state = self.read();
        let scope = state.admin_scope(admin)?;
        let Some(application) = state.visible_application(scope, id) else { return Ok(None) };
        let instances = with_instances.then(|| {
            let instances = state.instances_of(scope, application.id).into_iter();
            instances
                .map(|instance| InstanceSummary {
                    id: instance.id().to_string(),
                    key: Secret::new(instance.details.key.expose()),
                    name: instance.details.name.to_string(),
                    status: instance.details.status,
                })
                .collect()
        });
        Ok(Some(application_view(application, instances)))
    }

    /// Changes the given fields of an application \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPermitted`], [`Refusal::NotFound`]. [`Refusal::Invalid`]: the name is empty.
    pub fn update_application(
        &self,
        admin: AdminCaller,
        id: &str,
        request: UpdateApplicationRequest,
    ) -> Result<(), Refusal> {
        let mut state = self.write();
        state.ensure_manages_everything(admin)?;
        let id: ApplicationId = id.parse().map_err(|_| NO_SUCH_APPLICATION)?;
        ensure_named(request.name.as_deref())?;
        let application = state.instances.applications.get_mut(id).ok_or(NO_SUCH_APPLICATION)?;
        let is_renamed = request.name.is_some();
        application.apply(request);
        if is_renamed {
            let name = application.name.clone();
            for instance in state.instances.iter_mut().filter(|found| found.details.ownership.application == id) {
                Arc::make_mut(&mut instance.details).ownership.application_name = name.clone();
            }
        }
        Ok(())
    }

    /// Deletes an application with its instances \[V\], and returns their ids. Waits for a reset or a restoration that is in progress.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPermitted`], [`Refusal::NotFound`]. [`Refusal::Invalid`]: one of the instances has users \[V\].
    pub fn delete_application(&self, admin: AdminCaller, id: &str) -> Result<Vec<InstanceId>, Refusal> {
        let _only_one = self.start.lock();
        let mut state = self.write();
        state.ensure_manages_everything(admin)?;
        let id: ApplicationId = id.parse().map_err(|_| NO_SUCH_APPLICATION)?;
        state.instances.applications.get(id).ok_or(NO_SUCH_APPLICATION)?;
        let instances = state.instances_of(&AdminScope::Everything, id);
        let instances: Vec<_> = instances.into_iter().map(Instance::id).collect();
        if instances.iter().any(|instance| state.users.view(*instance).is_some()) {
            return Err(Refusal::invalid("AppToken", "Users exist for this application."));
        }
        for instance in &instances {
            state.remove_instance(*instance);
        }
        state.instances.applications.remove(id);
        self.publish(&state);
        Ok(instances)
    }

    /// What the admin manages: all companies, or single instances \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessToken`]: the admin was removed meanwhile.
    pub fn permissions(&self, admin: AdminCaller) -> Result<Permissions, Refusal> {
        let state = self.read();
        let mut permissions = Permissions { user_id: admin.id.to_string(), ..Permissions::default() };
        match state.admin_scope(admin)? {
            AdminScope::Everything => {
                let companies = state.instances.applications.companies();
                permissions.companies_permissions = companies.map(company_permission).collect();
            }
            AdminScope::Instances(ids) => {
                let instances = ids.iter().filter_map(|id| state.instances.get(*id));
                let permission = |instance: &Instance| instance_permission(&instance.details);
                permissions.instances_permissions = instances.map(permission).collect();
            }
        }
        Ok(permissions)
    }
}

impl State {
    /// Companies and applications are changed only by admins who manage everything \[P\].
    pub(super) fn ensure_manages_everything(&self, admin: AdminCaller) -> Result<(), Refusal> {
        match self.admin_scope(admin)? {
            AdminScope::Everything => Ok(()),
            AdminScope::Instances(_) => Err(Refusal::NotPermitted),
        }
    }

    pub(super) fn ensure_room_for_instance(&self) -> Result<(), Refusal> {
        if self.instances.count() < MAX_INSTANCES {
            return Ok(());
        }
        Err(Refusal::invalid("AppId", format!("The mock server has at most {MAX_INSTANCES} instances.")))
    }

    fn sees_application(&self, scope: &AdminScope, id: ApplicationId) -> bool {
        matches!(scope, AdminScope::Everything) || !self.instances_of(scope, id).is_empty()
    }

    pub(super) fn visible_application(&self, scope: &AdminScope, id: &str) -> Option<&Application> {
        let application = self.instances.applications.get(id.parse().ok()?)?;
        self.sees_application(scope, application.id).then_some(application)
    }

    /// The instances of an application that a scope includes, in the order of their names.
    pub(super) fn instances_of(&self, scope: &AdminScope, application: ApplicationId) -> Vec<&Instance> {
        let is_inside = |instance: &&Instance| {
            instance.details.ownership.application == application && scope.includes(instance.id())
        };
        let mut instances: Vec<_> = self.instances.iter().filter(is_inside).collect();
        instances.sort_by(|a, b| (&a.details.name, a.id()).cmp(&(&b.details.name, b.id())));
        instances
    }

    pub(super) fn managed_instance(&self, admin: AdminCaller, id: &str) -> Result<Option<&Instance>, Refusal> {
        let scope = self.admin_scope(admin)?;
        let id = id.parse::<InstanceId>().ok().filter(|id| scope.includes(*id));
        Ok(id.and_then(|id| self.instances.get(id)))
    }

    pub(super) fn add_instance_to(
        &mut self,
        application: &Application,
        request: CreateInstanceRequest,
    ) -> InstanceCredentials {
        let company_name = self.instances.applications.company_name(application.company).unwrap_or_default().into();
        let new = NewInstance {
            id: InstanceId::from_random(self.random.bytes()),
            key: InstanceKey::from_random(self.random.bytes()),
            invite_code: passwords::generated(self.random.bytes()).expose().to_ascii_uppercase().into(),
            name: request.name.into(),
            description: request.description.map(Into::into),
            status: request.status.map(|written| written.0).unwrap_or_default(),
            has_ubi: false,
            settings: Overrides::default(),
            ownership: Ownership {
                application: application.id,
                application_name: application.name.clone(),
                company: application.company,
                company_name,
            },
        };
        let credentials = InstanceCredentials { id: new.id.to_string(), key: Secret::new(new.key.expose()) };
        let instance = Instance::new(Arc::new(new), &self.keys.seed);
        self.instances.replace(instance);
        credentials
    }

    /// Removes an instance that has no users, and the admins who manage only this instance.
    pub(super) fn remove_instance(&mut self, id: InstanceId) {
        self.instances.remove(id);
        self.admins.remove_of(id);
        self.users.forget(id);
        self.clocks.set_instance(id, InstanceDial::default());
        self.lockout.forget(id);
    }
}

pub(super) fn ensure_named(name: Option<&str>) -> Result<(), Refusal> {
    if name.is_some_and(|name| name.trim().is_empty()) { Err(Refusal::missing("Name")) } else { Ok(()) }
}
