//! `POST /__mock/instances`: a fresh, isolated instance with an admin of its own.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::settings::Change;
use super::{Plane, request};
use crate::service::CreatedInstance;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    name: Option<String>,
    #[serde(default)]
    products: Vec<Product>,
    settings: Option<Change>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
enum Product {
    #[serde(rename = "UBI")]
    Ubi,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    instance_id: String,
    instance_key: String,
    invite_code: String,
    name: String,
    application_id: String,
    company_id: String,
    admin: Admin,
}

#[derive(Serialize)]
struct Admin {
    email: String,
    password: String,
}

/// Makes an instance.
pub fn create(plane: Arc<Plane>) -> Route {
    request::route(Method::POST, "/__mock/instances", plane, |plane, asked| async move {
        let Create { name, products, settings } = asked.json_or_nothing()?;
        let overrides = settings.unwrap_or_default().overrides(plane.service.settings(None).rotation, "settings.")?;
        let CreatedInstance { instance, admin_email, admin_password } =
            plane.service.create_instance(name, products.contains(&Product::Ubi), overrides);
        let created = Created {
            instance_id: instance.id.to_string(),
            instance_key: instance.key.expose(),
            invite_code: instance.invite_code.into(),
            name: instance.name.into(),
            application_id: instance.home.application.to_string(),
            company_id: instance.home.company.to_string(),
            admin: Admin { email: admin_email, password: admin_password.expose().to_owned() },
        };
        Ok(answer::json(StatusCode::CREATED, &created))
    })
}
