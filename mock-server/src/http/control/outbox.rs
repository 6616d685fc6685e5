//! `GET` and `DELETE /__mock/outbox`: the SMS and e-mails that a real service would have sent.

use std::sync::Arc;

use serde::Serialize;
use warp::http::{Method, StatusCode};

use super::super::{Route, answer};
use super::{Plane, request};
use crate::service::outbox::Channel;

const PATH: &str = "/__mock/outbox";

#[derive(Serialize)]
struct Shown {
    to: String,
    channel: &'static str,
    text: String,
    password: String,
    at: String,
}

/// Shows the messages, the newest first.
pub fn read(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, PATH, plane, |plane, asked| async move {
        let messages = plane.service.outbox(asked.scope(&plane.service)?, asked.parameter("to").as_deref());
        let shown: Vec<_> = messages
            .into_iter()
            .map(|message| Shown {
                channel: match message.channel {
                    Channel::Sms => "sms",
                    Channel::Email => "email",
                },
                text: message.text().expose().to_owned(),
                password: message.password.expose().to_owned(),
                at: message.at.to_string(),
                to: message.to.into(),
            })
            .collect();
        Ok(answer::json(StatusCode::OK, &shown))
    })
}

/// Forgets the messages.
pub fn clear(plane: Arc<Plane>) -> Route {
    request::route(Method::DELETE, PATH, plane, |plane, asked| async move {
        asked.writes()?;
        plane.service.clear_outbox(asked.scope(&plane.service)?);
        Ok(request::done())
    })
}
