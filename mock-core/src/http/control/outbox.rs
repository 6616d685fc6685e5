//! `GET` and `DELETE /__mock/outbox`: the SMS and e-mails that a real service would have sent.

use http::StatusCode;
use serde::Serialize;

use super::reply::{ControlResult, done};
use super::request::ControlRequest;
use crate::http::answer;
use crate::service::outbox::{Channel, Message};

#[derive(Serialize)]
struct MessageJson {
    to: String,
    channel: &'static str,
    text: String,
    password: String,
    at: String,
}

pub fn read(request: &ControlRequest) -> ControlResult {
    let controls = request.controls()?;
    let messages = match request.parameter("to") {
        Some(address) => controls.outbox_of(&address),
        None => controls.outbox(),
    };
    let messages: Vec<MessageJson> = messages.iter().map(|message| (&**message).into()).collect();
    Ok(answer::json(StatusCode::OK, &messages))
}

pub fn clear(request: &ControlRequest) -> ControlResult {
    request.controls()?.clear_outbox();
    Ok(done())
}

impl From<&Message> for MessageJson {
    fn from(message: &Message) -> Self {
        Self {
            channel: match message.channel {
                Channel::Sms => "sms",
                Channel::Email => "email",
            },
            text: message.text().expose().to_owned(),
            password: message.password.expose().to_owned(),
            at: message.at.to_string(),
            to: message.to.to_string(),
        }
    }
}
