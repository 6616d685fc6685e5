//! The other tabs of the same origin.

use super::Browser;
use crate::engine::ports::Tabs;

impl Tabs for Browser {
    type Turn = ();

    /// Tabs do not take turns yet: compare-before-commit is what keeps them apart.
    async fn turn(&self, _bound_ms: u32) -> Option<()> {
        None
    }
}
