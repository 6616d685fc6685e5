//! One outcome that any number of tasks wait for.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Something under way: it settles once, and everyone who waits gets the same outcome. Whoever stops waiting ends nothing.
pub struct Flight<T> {
    state: Rc<RefCell<State<T>>>,
}

enum State<T> {
    UnderWay(Vec<Waker>),
    Settled(T),
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self { state: Rc::clone(&self.state) }
    }
}

impl<T: Clone> Default for Flight<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Flight<T> {
    /// Something that has just started.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Rc::new(RefCell::new(State::UnderWay(Vec::new()))) }
    }

    /// Something that has already settled.
    #[must_use]
    pub fn settled(outcome: T) -> Self {
        Self { state: Rc::new(RefCell::new(State::Settled(outcome))) }
    }

    /// Settles it; the first outcome counts.
    pub fn settle(&self, outcome: T) {
        let mut state = self.state.borrow_mut();
        if let State::UnderWay(waiting) = &mut *state {
            let waiting = std::mem::take(waiting);
            *state = State::Settled(outcome);
            drop(state);
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether both are the same.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }

    /// The outcome, as soon as there is one.
    pub fn landed(&self) -> impl Future<Output = T> + use<T> {
        let state = Rc::clone(&self.state);
        poll_fn(move |context| match &mut *state.borrow_mut() {
            State::Settled(outcome) => Poll::Ready(outcome.clone()),
            State::UnderWay(waiting) => {
                if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    waiting.push(context.waker().clone());
                }
                Poll::Pending
            }
        })
    }
}
