//! The outbox: the messages that a real service would have sent by SMS and e-mail.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::time::Timestamp;

/// The number of messages that an instance keeps; the oldest are deleted first.
pub const KEPT_MESSAGES: usize = 10_000;

/// The channel of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// A message to a phone number.
    Sms,
    /// A message to an e-mail address.
    Email,
}

/// A message to a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// The phone number or the e-mail address.
    pub to: Box<str>,
    /// The channel.
    pub channel: Channel,
    /// The password in the message.
    pub password: Secret,
    /// The time at which it was sent.
    pub at: Timestamp,
}

impl Message {
    /// The text of the message.
    #[must_use]
    pub fn text(&self) -> Secret {
        Secret::new(format!("Your password is {}", self.password.expose()))
    }
}

/// The messages to the users of an instance, the latest last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    messages: VecDeque<Arc<Message>>,
}

impl Outbox {
    /// Sends a message.
    pub fn send(&mut self, message: Message) {
        if self.messages.len() == KEPT_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Arc::new(message));
    }

    /// The messages to an address (`None`: to all addresses), the newest first.
    #[must_use]
    pub fn to(&self, address: Option<&str>) -> Vec<Arc<Message>> {
        let matches = |message: &&Arc<Message>| address.is_none_or(|address| message.to.eq_ignore_ascii_case(address));
        self.messages.iter().rev().filter(matches).cloned().collect()
    }

    /// Deletes all messages.
    pub fn clear(&mut self) {
        self.messages.clear();
    }
}
