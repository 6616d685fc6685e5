//! Events: what happens at the moment it happens, for every listener. A slow listener never slows the server down: it
//! misses events and hears how many.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::{ClockReading, Scope};

/// The number of events that wait for a slow listener before it misses some.
const CAPACITY: usize = 1024;

/// Something that happened in a scope. It carries no secret.
#[derive(Clone, Debug)]
pub struct Event {
    /// The scope in which it happened.
    pub scope: Scope,
    /// The kind, with its data.
    pub kind: EventKind,
}

/// The kind of an event, with its data.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A request has ended: it was answered, or its connection was closed by a fault or by the client.
    Request {
        /// The request's number in the journal.
        number: u64,
        /// The method.
        method: Cow<'static, str>,
        /// The path.
        path: Cow<'static, str>,
        /// The status; `None` if a fault closed the connection, or if the client gave up.
        status: Option<u16>,
        /// The id of the fault that was applied.
        fault: Option<u64>,
        /// The user.
        device_token: Option<DeviceToken>,
    },
    /// An answer gave out tokens.
    TokensIssued {
        /// The request's number in the journal.
        request: u64,
        /// The path of the call.
        call: Cow<'static, str>,
        /// The user; `None` for an admin and for several users.
        device_token: Option<DeviceToken>,
        /// The number of users who got tokens.
        count: usize,
    },
    /// A test expired tokens of a user.
    TokensExpired {
        /// The user.
        device_token: DeviceToken,
    },
    /// The service sent a message to the outbox.
    Message {
        /// The phone number or the e-mail address.
        to: Box<str>,
    },
    /// A clock was changed.
    Clock {
        /// The clock of the scope, after the change.
        reading: ClockReading,
        /// The clocks of the instances that moved with it.
        instances: Arc<HashMap<InstanceId, ClockReading>>,
    },
    /// A fault was applied to a request.
    Fault {
        /// The request's number in the journal.
        request: u64,
        /// The id of the fault.
        fault: u64,
        /// The method.
        method: Cow<'static, str>,
        /// The path.
        path: Cow<'static, str>,
    },
    /// A request got a hint.
    Hint {
        /// The request's number in the journal.
        request: u64,
        /// The hint.
        hint: Box<str>,
    },
}

impl Event {
    /// The name of the event on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            EventKind::Request { .. } => "request",
            EventKind::TokensIssued { .. } | EventKind::TokensExpired { .. } => "token",
            EventKind::Message { .. } => "message",
            EventKind::Clock { .. } => "clock",
            EventKind::Fault { .. } => "fault",
            EventKind::Hint { .. } => "hint",
        }
    }

    /// The event as JSON, as a listener of that scope hears it; `None` if the event does not concern the scope.
    ///
    /// A change of the server's clock concerns every instance whose clock moved with it, and each hears its own time.
    #[must_use]
    pub fn data_for(&self, listener: Scope) -> Option<Value> {
        if let (EventKind::Clock { instances, .. }, Scope::Server, Scope::Instance(id)) =
            (&self.kind, self.scope, listener)
        {
            return instances.get(&id).map(clock_data);
        }
        listener.covers(self.scope).then(|| self.data())
    }

    fn data(&self) -> Value {
        let text = |device_token: &Option<DeviceToken>| device_token.map(|token| token.to_string());
        match &self.kind {
            EventKind::Request { number, method, path, status, fault, device_token } => json!({ "number": number,
                "method": method, "path": path, "status": status, "fault": fault, "deviceToken": text(device_token) }),
            EventKind::TokensIssued { request, call, device_token, count } => {
                json!({ "request": request, "call": call, "deviceToken": text(device_token), "count": count })
            }
            EventKind::TokensExpired { device_token } => json!({ "expired": device_token.to_string() }),
            EventKind::Message { to } => json!({ "to": to }),
            EventKind::Clock { reading, .. } => clock_data(reading),
            EventKind::Fault { request, fault, method, path } => {
                json!({ "request": request, "fault": fault, "method": method, "path": path })
            }
            EventKind::Hint { request, hint } => json!({ "request": request, "hint": hint }),
        }
    }
}

fn clock_data(reading: &ClockReading) -> Value {
    json!({ "now": reading.now.to_string(), "frozen": reading.frozen })
}

/// A message to a listener.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// An event.
    Event {
        /// The name of the event.
        name: &'static str,
        /// Its data.
        data: Value,
    },
    /// The listener was too slow and missed this number of events.
    Missed(u64),
}

/// The channel of events.
#[derive(Debug)]
pub struct Events {
    /// `None` once the server stops, so that every listener's stream ends.
    sender: RwLock<Option<broadcast::Sender<Event>>>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: RwLock::new(Some(broadcast::channel(CAPACITY).0)) }
    }
}

impl Events {
    /// Sends an event to every listener; `kind` is called only if there is a listener.
    pub fn send(&self, scope: Scope, kind: impl FnOnce() -> EventKind) {
        self.send_if(scope, || Some(kind()));
    }

    /// Sends an event to every listener if there is one; `kind` is called only if there is a listener.
    pub fn send_if(&self, scope: Scope, kind: impl FnOnce() -> Option<EventKind>) {
        let sender = self.sender.read();
        if let Some(sender) = sender.as_ref().filter(|sender| sender.receiver_count() > 0)
            && let Some(kind) = kind()
        {
            // Fails if the last listener has gone meanwhile.
            let _ = sender.send(Event { scope, kind });
        }
    }

    /// Ends the channel: every listener hears the end.
    pub fn end(&self) {
        *self.sender.write() = None;
    }

    /// Listens to the events of a scope.
    #[must_use]
    pub fn listen(&self, scope: Scope) -> Listener {
        Listener { scope, receiver: self.sender.read().as_ref().map(broadcast::Sender::subscribe) }
    }
}

/// A listener of the events of a scope.
#[derive(Debug)]
pub struct Listener {
    scope: Scope,
    receiver: Option<broadcast::Receiver<Event>>,
}

impl Listener {
    /// Waits for the next event; `None` means that the server has stopped.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            match self.receiver.as_mut()?.recv().await {
                Ok(event) => {
                    if let Some(data) = event.data_for(self.scope) {
                        return Some(Notice::Event { name: event.name(), data });
                    }
                }
                Err(broadcast::error::RecvError::Lagged(missed)) => return Some(Notice::Missed(missed)),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::time::Timestamp;

    const HERE: InstanceId = InstanceId::from_u128(1);
    const THERE: InstanceId = InstanceId::from_u128(2);

    fn message(to: impl Into<Box<str>>) -> EventKind {
        EventKind::Message { to: to.into() }
    }

    fn data(notice: Option<Notice>) -> Value {
        match notice {
            Some(Notice::Event { data, .. }) => data,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_slow_listener_hears_how_many_events_it_missed() {
        let events = Events::default();
        let mut listener = events.listen(Scope::Server);
        for number in 0..CAPACITY + 5 {
            events.send(Scope::Server, || message(number.to_string()));
        }
        assert_eq!(listener.next().await, Some(Notice::Missed(5)));
        assert_eq!(data(listener.next().await)["to"], "5");
    }

    #[tokio::test]
    async fn a_listener_of_an_instance_hears_only_its_events() {
        let events = Events::default();
        let mut listener = events.listen(HERE.into());
        events.send(THERE.into(), || message("there"));
        events.send(HERE.into(), || message("here"));
        assert_eq!(data(listener.next().await)["to"], "here");
    }

    #[test]
    fn a_change_of_the_servers_clock_is_heard_by_the_instances_that_moved_with_it() {
        let reading = |seconds| ClockReading { now: Timestamp::from_seconds(seconds), frozen: false };
        let instances = Arc::new(HashMap::from([(HERE, reading(7))]));
        let event = Event { scope: Scope::Server, kind: EventKind::Clock { reading: reading(1), instances } };
        let now = |listener: Scope| event.data_for(listener).map(|data| data["now"].clone());
        assert_eq!(now(Scope::Server), Some("1970-01-01T00:00:01Z".into()));
        assert_eq!(now(HERE.into()), Some("1970-01-01T00:00:07Z".into()));
        assert_eq!(now(THERE.into()), None, "its clock was set for itself");
    }

    #[test]
    fn an_event_is_not_made_without_a_listener() {
        Events::default().send(Scope::Server, || panic!("there is no listener"));
    }
}
