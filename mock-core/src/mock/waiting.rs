//! Waiting for requests, without holding a thread or a lock.

use std::time::Duration;

use super::controls::Controls;
use crate::control::matching::RequestMatch;

/// Waits until `holds`, for at most `time` or until the server stops. It looks again only when a request has ended that matches one
/// of `wanted`, or when the journal was cleared.
pub(super) async fn wait_until(
    controls: &Controls,
    wanted: &[RequestMatch],
    time: Duration,
    holds: impl Fn(&Controls) -> bool + Clone + Send + 'static,
) {
    let mock = controls.mock();
    let journal = &mock.control.journal;
    let mut progress = journal.watch();
    let mut over = mock.runtime.sleep(time);
    loop {
        let mut position = journal.position();
        let seen = *progress.borrow_and_update();
        let (holds, looked_at) = (holds.clone(), controls.clone());
        // A large journal takes a while.
        if seen.is_over || mock.runtime.run(move || holds(&looked_at)).await.unwrap_or(true) {
            return;
        }
        loop {
            tokio::select! {
                changed = progress.changed() => if changed.is_err() { return },
                () = &mut over => return,
            }
            let now = *progress.borrow_and_update();
            let latest = journal.position();
            if now != seen || journal.has_new(controls.scope(), position, wanted) {
                break;
            }
            position = latest;
        }
    }
}
