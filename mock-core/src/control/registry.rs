//! Items that a test has added and can list and remove again: what faults and barriers have in common.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::service::Scope;

/// The largest number of items of a server.
pub const MAX_ITEMS: usize = 1_000;

/// Items with ids, each of which belongs to a scope, in the order in which they were added.
pub struct Registry<T> {
    /// The number of items, so that a request that meets an empty registry takes no lock.
    count: AtomicUsize,
    items: Mutex<Items<T>>,
}

struct Items<T> {
    list: Vec<Registered<T>>,
    last_id: u64,
}

/// An item of a [`Registry`].
#[derive(Clone, Debug, PartialEq)]
pub struct Registered<T> {
    /// The id, from 1.
    pub id: u64,
    /// The scope whose requests it is about.
    pub owner: Scope,
    /// The item.
    pub item: T,
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self { count: AtomicUsize::new(0), items: Mutex::new(Items { list: Vec::new(), last_id: 0 }) }
    }
}

impl<T> Registry<T> {
    /// Adds an item and returns its id; `None` if there are [`MAX_ITEMS`] already. If there are, items that are over are removed
    /// first.
    pub fn add(&self, owner: Scope, item: T, is_over: impl Fn(&T) -> bool) -> Option<u64> {
        let mut items = self.items.lock();
        if items.list.len() >= MAX_ITEMS {
            items.list.retain(|entry| !is_over(&entry.item));
        }
        if items.list.len() >= MAX_ITEMS {
            return None;
        }
        items.last_id += 1;
        let id = items.last_id;
        items.list.push(Registered { id, owner, item });
        self.count.store(items.list.len(), Ordering::Release);
        Some(id)
    }

    /// Whether there is no item; takes no lock.
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// Views of the items of a scope.
    pub fn list<V>(&self, scope: Scope, view: impl Fn(&Registered<T>) -> V) -> Vec<V> {
        self.items.lock().list.iter().filter(|entry| scope.covers(entry.owner)).map(view).collect()
    }

    /// What `ask` says of an item of a scope; `None` if the scope has no item with this id.
    pub fn find<R>(&self, scope: Scope, id: u64, ask: impl FnOnce(&T) -> R) -> Option<R> {
        let items = self.items.lock();
        let found = items.list.iter().find(|entry| entry.id == id && scope.covers(entry.owner));
        found.map(|entry| ask(&entry.item))
    }

    /// Removes an item of a scope; returns `false` if the scope has no item with this id.
    pub fn remove(&self, scope: Scope, id: u64) -> bool {
        self.remove_if(|entry| entry.id == id && scope.covers(entry.owner)) > 0
    }

    /// Removes the items of a scope. After a removal from the server the ids start at 1 again.
    pub fn clear(&self, scope: Scope) {
        let mut items = self.items.lock();
        items.list.retain(|entry| !scope.covers(entry.owner));
        if scope == Scope::Server {
            items.last_id = 0;
        }
        self.count.store(items.list.len(), Ordering::Release);
    }

    /// Removes the items that meet a condition, and returns their number.
    pub fn remove_if(&self, is_removed: impl Fn(&Registered<T>) -> bool) -> usize {
        let mut items = self.items.lock();
        let before = items.list.len();
        items.list.retain(|entry| !is_removed(entry));
        self.count.store(items.list.len(), Ordering::Release);
        before - items.list.len()
    }

    /// Asks the items that are about requests of `owner`, in their order, until one returns a value.
    ///
    /// An item is about the requests of its own scope, so the server's items are about every request.
    pub fn find_map<R>(&self, owner: Scope, ask: impl FnMut(&mut Registered<T>) -> Option<R>) -> Option<R> {
        self.find_map_and_remove(owner, ask, |_| false)
    }

    /// Like [`Registry::find_map`]; removes the item that returned the value if `is_used_up` is true of the value.
    pub fn find_map_and_remove<R>(
        &self,
        owner: Scope,
        mut ask: impl FnMut(&mut Registered<T>) -> Option<R>,
        is_used_up: impl Fn(&R) -> bool,
    ) -> Option<R> {
        if self.is_empty() {
            return None;
        }
        let mut items = self.items.lock();
        let about = items.list.iter_mut().enumerate().filter(|(_, entry)| entry.owner.covers(owner));
        let (index, found) = about.filter_map(|(index, entry)| Some((index, ask(entry)?))).next()?;
        if is_used_up(&found) {
            items.list.remove(index);
            self.count.store(items.list.len(), Ordering::Release);
        }
        Some(found)
    }
}

impl<T> fmt::Debug for Registry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({} items)", self.count.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::InstanceId;

    const HERE: Scope = Scope::Instance(InstanceId::from_u128(1));
    const THERE: Scope = Scope::Instance(InstanceId::from_u128(2));

    fn add<T>(registry: &Registry<T>, owner: Scope, item: T) -> u64 {
        registry.add(owner, item, |_| false).expect("room for an item")
    }

    fn ids(registry: &Registry<&str>, scope: Scope) -> Vec<u64> {
        registry.list(scope, |entry| entry.id)
    }

    #[test]
    fn an_item_is_removed_by_its_id_and_only_from_its_scope() {
        let registry = Registry::default();
        let id = add(&registry, HERE, "item");
        assert!(!registry.remove(THERE, id));
        assert!(registry.remove(Scope::Server, id));
        assert!(!registry.remove(Scope::Server, id));
    }

    #[test]
    fn clearing_an_instance_keeps_the_items_of_other_scopes() {
        let registry = Registry::default();
        add(&registry, HERE, "here");
        add(&registry, THERE, "there");
        add(&registry, Scope::Server, "server");
        registry.clear(HERE);
        assert_eq!(ids(&registry, Scope::Server), [2, 3]);
        registry.clear(Scope::Server);
        assert_eq!(add(&registry, HERE, "again"), 1);
    }

    #[test]
    fn an_item_of_the_server_is_about_every_request_and_one_of_an_instance_about_its_own() {
        let registry = Registry::default();
        add(&registry, HERE, "here");
        add(&registry, Scope::Server, "server");
        let first = |owner| registry.find_map(owner, |entry| Some(entry.item));
        assert_eq!(first(HERE), Some("here"));
        assert_eq!(first(THERE), Some("server"));
        assert_eq!(first(Scope::Server), Some("server"));
    }

    #[test]
    fn an_item_that_is_used_up_is_removed_before_another_request_sees_it() {
        let registry = Registry::default();
        add(&registry, Scope::Server, 1);
        let take = || registry.find_map_and_remove(HERE, |entry| Some(entry.item), |_| true);
        assert_eq!(take(), Some(1));
        assert_eq!(take(), None);
    }

    #[test]
    fn a_full_registry_drops_what_is_over_and_otherwise_refuses_more() {
        let registry = Registry::default();
        for number in 0..MAX_ITEMS {
            add(&registry, HERE, number);
        }
        assert_eq!(registry.add(THERE, 0, |_| false), None);
        assert_eq!(registry.add(THERE, 0, |number| number % 2 == 1), Some(1001));
        assert_eq!(registry.list(Scope::Server, |entry| entry.id).len(), MAX_ITEMS / 2 + 1);
    }
}
