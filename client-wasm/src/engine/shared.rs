//! One outcome that any number of tasks wait for.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// An outcome that is settled once and that every waiting task gets. A task that stops waiting does not affect the others.
pub struct Shared<T>(Rc<State<T>>);

struct State<T> {
    outcome: OnceCell<T>,
    waiting: Waiting,
}

/// The wakers of the tasks that wait. They are not part of a generic type, so that their code is compiled once.
#[derive(Default)]
struct Waiting(RefCell<Vec<Waker>>);

impl Waiting {
    /// Replaces the waker of a task.
    fn replace(&self, registered: &mut Option<Waker>, waker: Option<&Waker>) {
        let mut wakers = self.0.borrow_mut();
        let index = registered.take().and_then(|old| wakers.iter().position(|other| other.will_wake(&old)));
        if let Some(index) = index {
            wakers.swap_remove(index);
        }
        wakers.extend(waker.cloned());
        *registered = waker.cloned();
    }

    fn wake(&self) {
        self.0.take().into_iter().for_each(Waker::wake);
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
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
        Self(Rc::new(State { outcome: OnceCell::new(), waiting: Waiting::default() }))
    }

    /// An outcome that is already settled.
    #[must_use]
    pub fn settled(outcome: T) -> Self {
        Self(Rc::new(State { outcome: OnceCell::from(outcome), waiting: Waiting::default() }))
    }

    /// Settles the outcome, unless it is settled already.
    pub fn settle(&self, outcome: T) {
        let _ = self.0.outcome.set(outcome);
        self.0.waiting.wake();
    }

    /// Whether both are the same outcome, not only equal ones.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Resolves when the outcome is settled.
    #[must_use]
    pub fn wait(&self) -> Wait<T> {
        Wait { shared: self.clone(), registered: None }
    }
}

/// A task's wait for an outcome.
pub struct Wait<T> {
    shared: Shared<T>,
    /// The waker of this wait among those of the outcome.
    registered: Option<Waker>,
}

impl<T: Clone> Future for Wait<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let shared = self.shared.clone();
        if let Some(outcome) = shared.0.outcome.get() {
            return Poll::Ready(outcome.clone());
        }
        shared.0.waiting.replace(&mut self.registered, Some(context.waker()));
        Poll::Pending
    }
}

/// A wait that ends early leaves no waker behind: some outcomes stay pending as long as the client exists.
impl<T> Drop for Wait<T> {
    fn drop(&mut self) {
        let Self { shared, registered } = self;
        shared.0.waiting.replace(registered, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(shared: &Shared<()>) -> usize {
        shared.0.waiting.0.borrow().len()
    }

    #[test]
    fn a_task_that_stops_waiting_leaves_nothing_behind() {
        let shared = Shared::<()>::new();
        let mut context = Context::from_waker(Waker::noop());
        let (mut first, mut second) = (shared.wait(), shared.wait());
        for _ in 0..3 {
            assert!(Pin::new(&mut first).poll(&mut context).is_pending());
            assert!(Pin::new(&mut second).poll(&mut context).is_pending());
        }
        assert_eq!(waiting(&shared), 2);
        drop(first);
        assert_eq!(waiting(&shared), 1);
        shared.settle(());
        assert!(Pin::new(&mut second).poll(&mut context).is_ready());
        assert_eq!(waiting(&shared), 0);
    }
}
