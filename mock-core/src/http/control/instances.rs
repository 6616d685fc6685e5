//! `POST`, `GET` and `DELETE /__mock/instances`: an instance with an invite code and an admin of its own.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::http::answer;
use crate::initial_data::Product;
use crate::mock::InstanceOptions;
use crate::service::ids::InstanceId;
use crate::service::{CreateInstanceError, CreatedInstance, InstanceView, Overrides};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InstanceJson {
    name: Option<String>,
    #[serde(default)]
    products: Vec<Product>,
    settings: Option<Overrides>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatedInstanceJson {
    instance_id: String,
    instance_key: String,
    invite_code: String,
    name: String,
    application_id: String,
    company_id: String,
    admin: AdminJson,
}

#[derive(Serialize)]
struct AdminJson {
    email: String,
    password: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceViewJson {
    instance_id: String,
    name: String,
    products: &'static [&'static str],
    users: usize,
}

pub fn list(request: &ControlRequest) -> ControlResult {
    let instances: Vec<InstanceViewJson> = request.controls()?.instances().into_iter().map(Into::into).collect();
    Ok(answer::json(StatusCode::OK, &instances))
}

pub fn remove(request: &ControlRequest) -> ControlResult {
    let id: InstanceId = request.path_parameter("instanceId", "UUID")?;
    request.controls()?.remove_instance(id)?;
    Ok(done())
}

impl From<InstanceView> for InstanceViewJson {
    fn from(InstanceView { id, name, has_ubi, users }: InstanceView) -> Self {
        Self { instance_id: id.to_string(), name, products: if has_ubi { &["UBI"] } else { &[] }, users }
    }
}

pub fn create(request: &ControlRequest) -> ControlResult {
    let InstanceJson { name, products, settings } = request.json_or_default()?;
    let settings = settings.unwrap_or_default();
    let options = InstanceOptions { name, has_ubi: products.contains(&Product::Ubi), settings };
    let created = request.mock().create_instance(options).map_err(|error| match error {
        CreateInstanceError::Settings(error) => ControlError::settings("settings.", error),
        CreateInstanceError::TooMany => ControlError::conflict(error.to_string()),
    })?;
    let CreatedInstance { instance, admin_email, admin_password } = created;
    let created = CreatedInstanceJson {
        instance_id: instance.id.to_string(),
        instance_key: instance.key.expose(),
        invite_code: instance.invite_code.into(),
        name: instance.name.into(),
        application_id: instance.ownership.application.to_string(),
        company_id: instance.ownership.company.to_string(),
        admin: AdminJson { email: admin_email, password: admin_password.expose().to_owned() },
    };
    Ok(answer::json(StatusCode::CREATED, &created))
}
