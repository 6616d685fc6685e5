//! A gate that holds requests until it is released.

use parking_lot::Mutex;
use tokio::sync::watch;

/// A gate that holds requests until it is released. Once it is closed for good it holds nobody.
#[derive(Debug)]
pub struct Gate {
    /// Every request that the gate holds has a receiver. The sender never sends: when it is dropped, every receiver hears that.
    sender: Mutex<Option<watch::Sender<()>>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { sender: Mutex::new(Some(watch::Sender::new(()))) }
    }
}

impl Gate {
    /// Holds a request until it is released.
    pub async fn hold(&self) {
        let receiver = self.sender.lock().as_ref().map(watch::Sender::subscribe);
        if let Some(mut receiver) = receiver {
            // Ends with an error when the sender is dropped.
            let _ = receiver.changed().await;
        }
    }

    /// The number of requests that the gate holds. A receiver is dropped with its request, so that a client that has gone is not
    /// counted.
    #[must_use]
    pub fn held(&self) -> usize {
        self.sender.lock().as_ref().map_or(0, watch::Sender::receiver_count)
    }

    /// Releases the requests that the gate holds, and returns their number. It holds later requests.
    pub fn release(&self) -> usize {
        let mut sender = self.sender.lock();
        let released = sender.as_mut().map(|sender| std::mem::replace(sender, watch::Sender::new(())));
        released.map_or(0, |sender| sender.receiver_count())
    }

    /// Releases the requests that the gate holds, and holds no later one.
    pub fn end(&self) {
        *self.sender.lock() = None;
    }
}
