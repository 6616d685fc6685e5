//! The verbs that read and delete the messages to users.

use std::sync::Arc;

use super::UserService;
use super::outbox::Message;
use super::scope::Scope;
use crate::ordering::sort_by_number;

impl UserService {
    /// The messages of a scope, the newest first; with `to`, only those to that address. Messages of the same time are ordered by
    /// the id of their instance.
    #[must_use]
    pub fn outbox(&self, scope: Scope, to: Option<&str>) -> Vec<Arc<Message>> {
        let state = self.read();
        let mut instances: Vec<_> =
            state.instances.iter().filter(|instance| scope.covers(instance.id().into())).collect();
        // The instances have no order of their own.
        sort_by_number(&mut instances, |instance| instance.id().as_u128());
        let mut messages: Vec<_> = instances.into_iter().flat_map(|instance| instance.outbox.to(to)).collect();
        drop(state);
        // Messages of the same time keep their order.
        sort_by_number(&mut messages, |message| u128::MAX - message.at.as_number());
        messages
    }

    /// Deletes the messages of a scope.
    pub fn clear_outbox(&self, scope: Scope) {
        let mut state = self.write();
        for instance in state.instances.iter_mut().filter(|instance| scope.covers(instance.id().into())) {
            instance.outbox.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use telematics_contract::Secret;

    use super::*;
    use crate::service::clock::FixedTime;
    use crate::service::outbox::Channel;
    use crate::service::random::Seed;
    use crate::service::time::Timestamp;
    use crate::service::{Overrides, Settings, Start};

    #[test]
    fn messages_of_the_same_time_are_ordered_by_their_instance() {
        let now = Timestamp::from_seconds(1_000_000);
        let start = Start {
            settings: Settings::default(),
            seed: Seed::from_number(1),
            time: Box::new(FixedTime(now)),
            clock: None,
        };
        let service = UserService::new(start);
        let mut expected = Vec::new();
        for number in 0..20 {
            let id = service.create_instance(None, true, Overrides::default()).unwrap().instance.id;
            expected.push((id, number));
            let message = |part: &str| Message {
                to: format!("{part} {number}").into(),
                channel: Channel::Email,
                password: Secret::new("x"),
                at: now,
            };
            let mut state = service.write();
            let outbox = &mut state.instances.get_mut(id).unwrap().outbox;
            outbox.send(message("first"));
            outbox.send(message("second"));
        }
        expected.sort_unstable();
        let expected: Vec<_> = expected
            .iter()
            .flat_map(|(_, number)| ["second", "first"].map(|part| format!("{part} {number}")))
            .collect();
        let messages = service.outbox(Scope::Server, None);
        assert_eq!(messages.iter().map(|message| message.to.to_string()).collect::<Vec<_>>(), expected);
    }
}
