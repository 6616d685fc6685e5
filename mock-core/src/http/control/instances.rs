//! `POST /__mock/instances`: creates an instance with an invite code and an admin of its own.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use super::reply::ControlResult;
use super::request::ControlRequest;
use crate::http::answer;
use crate::initial_data::Product;
use crate::mock::InstanceOptions;
use crate::service::{CreatedInstance, Overrides};

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

pub fn create(request: &ControlRequest) -> ControlResult {
    let InstanceJson { name, products, settings } = request.json_or_default()?;
    let settings = settings.unwrap_or_default();
    let options = InstanceOptions { name, has_ubi: products.contains(&Product::Ubi), settings };
    let created =
        request.mock().create_instance(options).map_err(|error| ControlError::settings("settings.", error))?;
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
