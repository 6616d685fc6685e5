//! Events: what happens right now, for whoever listens. Nobody who listens slowly slows the server; such a listener is
//! told how many events it missed.

use parking_lot::RwLock;
use serde_json::Value;
use tokio::sync::broadcast;

use super::facts::sees;
use crate::service::ids::InstanceId;

/// How many events wait for a slow listener before it misses some.
const CAPACITY: usize = 1024;

/// Something that happened. It carries no secret.
#[derive(Clone, Debug)]
pub struct Event {
    /// Whose it is.
    pub instance: Option<InstanceId>,
    /// Its kind: `request`, `token`, `message`, `clock`, `fault`, `hint`.
    pub kind: &'static str,
    /// What is told about it.
    pub data: Value,
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// An event.
    Event(Event),
    /// It was too slow for so many.
    Missed(u64),
}

/// Where events go.
#[derive(Debug)]
pub struct Events {
    /// None once the server stops: nobody is to listen for ever to a server that has nothing more to say.
    sender: RwLock<Option<broadcast::Sender<Event>>>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: RwLock::new(Some(broadcast::channel(CAPACITY).0)) }
    }
}

impl Events {
    /// Tells everybody who listens; `data` is made only if somebody does.
    pub fn tell(&self, instance: Option<InstanceId>, kind: &'static str, data: impl FnOnce() -> Value) {
        let sender = self.sender.read();
        if let Some(sender) = sender.as_ref().filter(|sender| sender.receiver_count() > 0) {
            // Nobody may be left by now.
            let _ = sender.send(Event { instance, kind, data: data() });
        }
    }

    /// Ends what everybody listens to.
    pub fn end(&self) {
        *self.sender.write() = None;
    }

    /// Listens to an instance, or to all.
    #[must_use]
    pub fn listen(&self, of: Option<InstanceId>) -> Listener {
        let receiver = self.sender.read().as_ref().map(broadcast::Sender::subscribe);
        Listener { of, receiver }
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Listener {
    of: Option<InstanceId>,
    receiver: Option<broadcast::Receiver<Event>>,
}

impl Listener {
    /// What happens next; `None`, where the server has stopped.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            match self.receiver.as_mut()?.recv().await {
                Ok(event) if sees(self.of, event.instance) => return Some(Heard::Event(event)),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(missed)) => return Some(Heard::Missed(missed)),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_listener_is_told_how_many_events_it_missed() {
        let events = Events::default();
        let mut listener = events.listen(None);
        for number in 0..CAPACITY + 5 {
            events.tell(None, "request", || number.into());
        }
        assert!(matches!(listener.next().await, Some(Heard::Missed(5))));
        assert!(matches!(listener.next().await, Some(Heard::Event(event)) if event.data == 5));
    }

    #[tokio::test]
    async fn a_listener_hears_only_its_instance() {
        let events = Events::default();
        let here = Some(InstanceId::from_u128(1));
        let mut listener = events.listen(here);
        events.tell(Some(InstanceId::from_u128(2)), "clock", || 1.into());
        events.tell(here, "clock", || 2.into());
        assert!(matches!(listener.next().await, Some(Heard::Event(event)) if event.data == 2));
    }

    #[test]
    fn nothing_is_made_where_nobody_listens() {
        Events::default().tell(None, "request", || panic!("nobody listens"));
    }
}
