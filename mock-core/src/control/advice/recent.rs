//! A map that keeps the entries that were used last.

use std::hash::Hash;

use crate::service::map::Map;

/// A map of bounded size. The entries that were used least recently go first, half of the map at a time, so that no entry needs a
/// place in a list.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    half: usize,
    young: Map<K, V>,
    old: Map<K, V>,
}

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    /// A map that keeps at least the last `half` entries, and at most twice as many.
    pub(super) fn new(half: usize) -> Self {
        Self { half, young: Map::default(), old: Map::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// The value of a key, if it is known.
    pub(super) fn get(&mut self, key: K) -> Option<&mut V> {
        if let Some(value) = self.take_old(key) {
            self.insert(key, value);
        }
        self.young.get_mut(&key)
    }

    /// The value of a key; a new one if the key is not known.
    pub(super) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        if let Some(value) = self.take_old(key) {
            self.insert(key, value);
        } else if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.turn_over();
        }
        self.young.entry(key).or_default()
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(key);
        if self.young.len() >= self.half {
            self.turn_over();
        }
        self.young.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let young = if self.young.is_empty() { None } else { self.young.remove(&key) };
        young.or_else(|| self.take_old(key))
    }

    /// Removes an old entry. Usually there is none, and then the key needs no hash.
    fn take_old(&mut self, key: K) -> Option<V> {
        if self.old.is_empty() { None } else { self.old.remove(&key) }
    }

    /// Keeps only the entries whose keys pass.
    pub(super) fn retain(&mut self, passes: impl Fn(&K) -> bool) {
        self.young.retain(|key, _| passes(key));
        self.old.retain(|key, _| passes(key));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.young.iter().chain(&self.old)
    }

    /// Makes room for young entries. The old ones that nobody has used since the last time go.
    fn turn_over(&mut self) {
        std::mem::swap(&mut self.young, &mut self.old);
        // Keeps its memory for the entries to come.
        self.young.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_are_used_stay_and_the_others_go() {
        let mut map = Recent::new(4);
        for key in 0..100 {
            map.insert(key, key);
            assert_eq!(map.get(0), Some(&mut 0), "used at every step");
        }
        for key in 100..200 {
            map.insert(key, key);
            assert_eq!(map.get_or_default(99), &99, "used at every step");
        }
        assert_eq!(map.get(0), None);
        assert_eq!(map.get(150), None);
        assert!(map.iter().count() <= 8);
    }

    #[test]
    fn a_removed_entry_is_gone_from_both_halves() {
        let mut map = Recent::new(2);
        for key in 0..3 {
            *map.get_or_default(key) = key;
        }
        for key in 0..3 {
            assert_eq!(map.remove(key), Some(key));
        }
        assert!(map.is_empty());
    }
}
