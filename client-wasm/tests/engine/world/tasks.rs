//! Runs the tasks of the engine in a fixed order, without waiting.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use telematics_user_client::engine::ports::Spawn;
use telematics_user_client::error::Error;

use super::World;

/// A task of a tab.
pub struct Runnable {
    pub tab: usize,
    alive: Rc<Cell<bool>>,
    woken: Arc<WakeFlag>,
    work: Pin<Box<dyn Future<Output = ()>>>,
}

struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl World {
    /// Starts a task. It runs when the test next asks for an outcome, a request or an event.
    pub fn start<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Task<T> {
        let outcome = Rc::new(RefCell::new(None));
        let result = Rc::clone(&outcome);
        let alive = Rc::new(Cell::new(true));
        self.push(Rc::clone(&alive), Box::pin(async move { *result.borrow_mut() = Some(work.await) }));
        Task { world: self.clone(), outcome, alive }
    }

    fn push(&self, alive: Rc<Cell<bool>>, work: Pin<Box<dyn Future<Output = ()>>>) {
        let woken = Arc::new(WakeFlag(AtomicBool::new(true)));
        self.0.shared.tasks.borrow_mut().push(Runnable { tab: self.0.tab, alive, woken, work });
    }

    /// Runs all tasks until each of them waits.
    pub fn run(&self) {
        loop {
            let tasks = std::mem::take(&mut *self.0.shared.tasks.borrow_mut());
            let mut moved = false;
            for mut task in tasks {
                if !task.alive.get() {
                    continue; // dropped here
                }
                if !task.woken.0.swap(false, Ordering::SeqCst) {
                    self.0.shared.tasks.borrow_mut().push(task);
                    continue;
                }
                moved = true;
                let waker = Waker::from(Arc::clone(&task.woken));
                if task.work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                    self.0.shared.tasks.borrow_mut().push(task);
                }
            }
            if !moved {
                return;
            }
        }
    }
}

impl Spawn for World {
    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.push(Rc::new(Cell::new(true)), Box::pin(task));
    }
}

/// A started task.
pub struct Task<T> {
    world: World,
    outcome: Rc<RefCell<Option<T>>>,
    alive: Rc<Cell<bool>>,
}

impl<T> Task<T> {
    /// The outcome of the task, which must have ended.
    pub fn done(&self) -> T {
        self.world.run();
        self.outcome.take().expect("the task is still pending")
    }

    pub fn is_pending(&self) -> bool {
        self.world.run();
        self.outcome.borrow().is_none()
    }

    /// Drops the task.
    pub fn abort(&self) {
        self.alive.set(false);
        self.world.run();
    }
}

impl<T> Task<Result<T, Error>> {
    /// The error of the task, which must have failed.
    pub fn error(&self) -> Error {
        self.done().err().expect("it should have failed")
    }
}
