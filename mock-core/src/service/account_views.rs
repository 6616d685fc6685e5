//! Applications, instances and permissions as the accounts API shows them.

use telematics_contract::Secret;
use telematics_contract::accounts::{
    ApplicationView, CompanyPermission, InstancePermission, InstanceSummary, InstanceView,
};

use super::applications::Application;
use super::ids::CompanyId;
use super::instances::{NewInstance, Ownership};

/// The role of every admin in the permissions \[P\].
const ROLE: &str = "rol_MockAdmin";

/// An application; `instances` are its instances if they are requested.
pub(super) fn application_view(application: &Application, instances: Option<Vec<InstanceSummary>>) -> ApplicationView {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    ApplicationView {
        id: application.id.to_string(),
        name: application.name.to_string(),
        description: text(&application.description),
        status: application.status,
        google_play_link: text(&application.google_play_link),
        apple_store_link: text(&application.apple_store_link),
        environment: text(&application.environment),
        instances,
    }
}

/// An instance.
pub(super) fn instance_view(details: &NewInstance) -> InstanceView {
    InstanceView {
        id: details.id.to_string(),
        key: Secret::new(details.key.expose()),
        name: details.name.to_string(),
        description: details.description.as_deref().map(str::to_owned),
        status: details.status,
        invite_code: details.invite_code.to_string(),
        app_id: details.ownership.application.to_string(),
        app_name: details.ownership.application_name.to_string(),
        company_id: details.ownership.company.to_string(),
    }
}

/// The permission for a company.
pub(super) fn company_permission(company: CompanyId) -> CompanyPermission {
    CompanyPermission {
        company_id: company.to_string(),
        company_int_id: number(company.as_bytes()),
        role_id: ROLE.to_owned(),
    }
}

/// The permission for an instance.
pub(super) fn instance_permission(details: &NewInstance) -> InstancePermission {
    let Ownership { application, company, .. } = &details.ownership;
    InstancePermission {
        company_id: company.to_string(),
        company_int_id: number(company.as_bytes()),
        app_id: application.to_string(),
        app_int_id: number(application.as_bytes()),
        instance_id: details.id.to_string(),
        instance_int_id: number(details.id.as_bytes()),
        role_id: ROLE.to_owned(),
    }
}

/// The vendor numbers companies, applications and instances too. Here the number is a part of the id \[P\].
const fn number(id: &[u8; 16]) -> u32 {
    let [.., a, b, c] = *id;
    u32::from_be_bytes([0, a, b, c])
}
