//! The outbox: what a real service would have sent by SMS and e-mail.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::time::Timestamp;

/// How many messages are kept; the oldest go first.
pub const KEPT_MESSAGES: usize = 10_000;

/// How a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// To a phone number.
    Sms,
    /// To an e-mail address.
    Email,
}

/// A message that was "sent".
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// The phone number or the e-mail address.
    pub to: Box<str>,
    /// How it was sent.
    pub channel: Channel,
    /// The password it carries.
    pub password: Secret,
    /// When.
    pub at: Timestamp,
}

impl Message {
    /// What the user reads.
    #[must_use]
    pub fn text(&self) -> Secret {
        Secret::new(format!("Your password is {}", self.password.expose()))
    }
}

/// The messages that were "sent", the latest last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    messages: VecDeque<Message>,
}

impl Outbox {
    /// Sends a message.
    pub fn send(&mut self, message: Message) {
        if self.messages.len() == KEPT_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// The messages to that address, or to all, the newest first.
    #[must_use]
    pub fn to(&self, address: Option<&str>) -> Vec<Message> {
        let fits = |message: &&Message| address.is_none_or(|address| message.to.eq_ignore_ascii_case(address));
        self.messages.iter().rev().filter(fits).cloned().collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.messages.clear();
    }
}
