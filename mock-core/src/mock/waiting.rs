//! Waiting for requests, without holding a thread or a lock.

use std::time::Duration;

use super::controls::Controls;
use crate::control::matching::RequestMatch;

/// Waits until `look` has an outcome, for at most `time` or until the server stops; then it is asked for the last time, which its
/// second argument says. It looks again only when a request has ended that matches one of `wanted`, or when the journal was cleared.
/// The outcome is `None` only if the platform could not run `look`.
pub(super) async fn wait_until<T: Send + 'static>(
    controls: &Controls,
    wanted: &[RequestMatch],
    time: Duration,
    look: impl Fn(&Controls, bool) -> Option<T> + Clone + Send + 'static,
) -> Option<T> {
    let mock = controls.mock();
    let journal = &mock.control.journal;
    let mut progress = journal.watch();
    let mut over = mock.runtime.sleep(time);
    let mut is_last = false;
    loop {
        let mut position = journal.position();
        let seen = *progress.borrow_and_update();
        is_last = is_last || seen.is_over;
        let (look, looked_at) = (look.clone(), controls.clone());
        // A large journal takes a while.
        let outcome = mock.runtime.run(move || look(&looked_at, is_last)).await.ok()?;
        if is_last || outcome.is_some() {
            return outcome;
        }
        loop {
            tokio::select! {
                changed = progress.changed() => is_last = changed.is_err(),
                () = &mut over => is_last = true,
            }
            if is_last {
                break;
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
