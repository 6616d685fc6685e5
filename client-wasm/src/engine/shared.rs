//! One outcome that any number of tasks wait for.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// An outcome that is settled once and that every waiting task gets. A task that stops waiting does not affect the others.
pub struct Shared<T> {
    state: Rc<RefCell<State<T>>>,
}

enum State<T> {
    Pending(Vec<Waker>),
    Settled(T),
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { state: Rc::clone(&self.state) }
    }
}

impl<T: Clone> Default for Shared<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Shared<T> {
    /// A pending outcome.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Rc::new(RefCell::new(State::Pending(Vec::new()))) }
    }

    /// An outcome that is already settled.
    #[must_use]
    pub fn settled(outcome: T) -> Self {
        Self { state: Rc::new(RefCell::new(State::Settled(outcome))) }
    }

    /// Settles the outcome, unless it is settled already.
    pub fn settle(&self, outcome: T) {
        let mut state = self.state.borrow_mut();
        if let State::Pending(wakers) = &mut *state {
            let wakers = std::mem::take(wakers);
            *state = State::Settled(outcome);
            drop(state);
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether both are the same outcome, not only equal ones.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state)
    }

    /// Resolves when the outcome is settled.
    pub fn wait(&self) -> impl Future<Output = T> + use<T> {
        let state = Rc::clone(&self.state);
        poll_fn(move |context| match &mut *state.borrow_mut() {
            State::Settled(outcome) => Poll::Ready(outcome.clone()),
            State::Pending(wakers) => {
                if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        })
    }
}
