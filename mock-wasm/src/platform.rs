//! The clock and the timers of JavaScript. A test that replaces them, for example with fake timers, replaces those of the mock too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use js_sys::{Date, Function};
use telematics_mock_core::runtime::{BoxFuture, Runtime};
use telematics_mock_core::service::clock::TimeSource;
use telematics_mock_core::service::time::Timestamp;
use tokio::sync::oneshot;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The time of `Date.now()`.
#[derive(Clone, Copy, Debug)]
pub struct DateTime;

impl TimeSource for DateTime {
    fn now(&self) -> Timestamp {
        // Whole milliseconds, far below the limit of the type.
        #[expect(clippy::cast_possible_truncation, reason = "a time in milliseconds fits")]
        let milliseconds = Date::now() as i64;
        Timestamp::from_unix_micros(milliseconds.saturating_mul(1000))
    }
}

/// One thread with the timers of JavaScript. Slow work is done at once.
#[derive(Clone, Copy, Debug)]
pub struct EventLoop;

impl Runtime for EventLoop {
    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(Timer::start(duration))
    }

    fn offload(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }
}

/// A started timer of JavaScript. Its values stay in this thread, and only its number travels with the future.
struct Timer {
    number: u64,
    expired: oneshot::Receiver<()>,
}

#[derive(Default)]
struct Timers {
    last: u64,
    running: HashMap<u64, Running>,
}

struct Running {
    handle: JsValue,
    /// JavaScript calls it as long as the timer runs.
    _callback: Closure<dyn FnMut()>,
}

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::default();
}

impl Timer {
    fn start(duration: Duration) -> Self {
        let (expire, expired) = oneshot::channel();
        let mut expire = Some(expire);
        let callback = Closure::new(move || {
            // The future may be gone.
            let _ = expire.take().map(|expire| expire.send(()));
        });
        // The longest time that setTimeout takes; every bound of the mock is far below it.
        let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        let handle = set_timeout(callback.as_ref().unchecked_ref(), milliseconds);
        let number = TIMERS.with_borrow_mut(|timers| {
            timers.last += 1;
            timers.running.insert(timers.last, Running { handle, _callback: callback });
            timers.last
        });
        Self { number, expired }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.expired).poll(context).map(|_| ())
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let running = TIMERS.with_borrow_mut(|timers| timers.running.remove(&self.number));
        if let Some(Running { handle, .. }) = running {
            clear_timeout(&handle);
        }
    }
}
