//! Turns to refresh, like the Web Locks of a browser.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::{Either, select};
use telematics_user_client::engine::clock::Clock;
use telematics_user_client::engine::ports::Tabs;

use super::{Browser, World};

/// The waiting tabs; the first one has the turn.
#[derive(Default)]
pub struct Queue {
    last: u64,
    waiting: VecDeque<(u64, Option<Waker>)>,
}

/// The turn of a tab. Dropping it ends the turn.
pub enum LockTurn {
    /// No other tab competes for the turn.
    Uncontested,
    /// The first place in the queue.
    First(#[expect(dead_code, reason = "only its drop matters")] QueuePlace),
}

/// A place in the queue. Dropping it gives the turn to the next.
pub struct QueuePlace {
    number: u64,
    shared: Rc<Browser>,
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        let mut queue = self.shared.lock.borrow_mut();
        queue.waiting.retain(|(number, _)| *number != self.number);
        let next = queue.waiting.front_mut().and_then(|(_, waker)| waker.take());
        drop(queue);
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl QueuePlace {
    fn new(shared: &Rc<Browser>) -> Self {
        let mut queue = shared.lock.borrow_mut();
        queue.last += 1;
        let number = queue.last;
        queue.waiting.push_back((number, None));
        Self { number, shared: Rc::clone(shared) }
    }

    fn granted(&self) -> impl Future<Output = ()> {
        poll_fn(|context| {
            let mut queue = self.shared.lock.borrow_mut();
            if queue.waiting.front().is_some_and(|(number, _)| *number == self.number) {
                return Poll::Ready(());
            }
            for (number, waker) in &mut queue.waiting {
                if *number == self.number {
                    *waker = Some(context.waker().clone());
                }
            }
            Poll::Pending
        })
    }
}

impl Tabs for World {
    type Turn = LockTurn;

    fn share_storage(&self) -> bool {
        !self.0.shared.tabs.borrow().is_empty()
    }

    async fn turn(&self, wait_ms: u32, hold_ms: u32) -> Option<LockTurn> {
        self.0.holds_ms.borrow_mut().push(hold_ms);
        if !self.share_storage() {
            return Some(LockTurn::Uncontested);
        }
        if self.0.shared.has_no_locks.get() {
            return None;
        }
        let place = QueuePlace::new(&self.0.shared);
        match select(pin!(place.granted()), pin!(self.sleep(wait_ms))).await {
            Either::Left(_) => {}
            Either::Right(_) => return None,
        }
        Some(LockTurn::First(place))
    }

    fn announce(&self) {
        for tab in &*self.0.shared.tabs.borrow() {
            if tab.0.tab != self.0.tab {
                tab.0.notified.set(true);
            }
        }
    }
}
