//! Hash maps. The only file that uses `foldhash`.
//!
//! The ids are random UUIDs, for which the standard library's SipHash is needlessly slow. The hash function is fast and not secure:
//! its seed comes from memory addresses, which can be guessed and which on wasm32 are the same in every run. A client that chooses its
//! DeviceTokens (`CustomToken`) can therefore make them collide and slow this server down. The clients of a mock server are tests, and
//! a reset removes such users, so speed counts more here.
//!
//! The order of iteration differs from map to map. Nothing that a client sees may depend on it.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// A fast hash function. Its seed differs from map to map.
pub type Hashing = foldhash::fast::RandomState;
/// A hash map with a fast hash function.
pub type Map<K, V> = HashMap<K, V, Hashing>;
/// A hash set with a fast hash function.
pub type Set<K> = HashSet<K, Hashing>;

/// A hash of a text or a file, the same in every run; two texts hardly ever have the same one by accident.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> u64 {
    foldhash::fast::FixedState::with_seed(0).hash_one(bytes)
}

const SHARDS: usize = 256;

/// A hash map of 256 maps. A hash map that grows moves all of its entries at once, which takes tens of milliseconds for a
/// million; here only one map of a few thousand entries grows at a time.
#[derive(Clone, Debug)]
pub struct ShardedMap<K, V> {
    hashing: Hashing,
    shards: Box<[Map<K, V>]>,
}

impl<K, V> Default for ShardedMap<K, V> {
    fn default() -> Self {
        let hashing = Hashing::default();
        let shards = (0..SHARDS).map(|_| Map::with_hasher(Hashing::default())).collect();
        Self { hashing, shards }
    }
}

impl<K: Eq + Hash, V> ShardedMap<K, V> {
    fn shard(&self, key: &(impl Hash + ?Sized)) -> usize {
        // The maps inside have seeds of their own, so their keys do not share hash bits.
        self.hashing.hash_one(key) as usize % SHARDS
    }

    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.shards.get(self.shard(key))?.get(key)
    }

    /// Sets the value of a key, and returns the value before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let shard = self.shard(&key);
        self.shards.get_mut(shard)?.insert(key, value)
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let shard = self.shard(key);
        self.shards.get_mut(shard)?.remove(key)
    }

    /// The number of keys.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashMap::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sharded_map_keeps_the_last_value_of_each_key() {
        let mut map = ShardedMap::default();
        for key in 0..10_000_u32 {
            assert_eq!(map.insert(key, key), None);
        }
        assert_eq!((map.insert(7, 70), map.get(&7), map.len()), (Some(7), Some(&70), 10_000));
        assert_eq!((map.remove(&7), map.remove(&7), map.get(&7), map.len()), (Some(70), None, None, 9_999));
    }

    #[test]
    fn the_keys_are_spread_over_the_shards() {
        let mut map = ShardedMap::default();
        for key in 0..256_000_u32 {
            map.insert(key, ());
        }
        let fullest = map.shards.iter().map(HashMap::len).max();
        assert!(fullest.is_some_and(|keys| keys < 1_300), "{fullest:?}");
    }
}
