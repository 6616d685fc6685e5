//! Values at stable slots, of which a consistent view is cheap to take.

use std::sync::Arc;

/// The number of slots of a chunk: the first change of a value after a view was taken copies one chunk.
const CHUNK: usize = 128;

type Chunk<T> = Arc<[Option<Arc<T>>; CHUNK]>;

/// Values, each at a slot that does not change while the value exists.
///
/// A view of all values shares them with the slab, so taking it costs one reference count for each 128 slots. A change after that
/// copies the value and its chunk and leaves the view as it was: a reader sees all values as of one moment, and needs no lock.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    chunks: Vec<Chunk<T>>,
    /// Empty slots below `end`.
    free: Vec<u32>,
    /// The first slot that was never used.
    end: u32,
}

/// The values of a [`Slab`] as of one moment.
#[derive(Clone, Debug)]
pub struct SlabView<T> {
    chunks: Vec<Chunk<T>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), end: 0 }
    }
}

const fn split(slot: u32) -> (usize, usize) {
    (slot as usize / CHUNK, slot as usize % CHUNK)
}

impl<T> Slab<T> {
    /// The value at a slot.
    #[must_use]
    pub fn get(&self, slot: u32) -> Option<&Arc<T>> {
        let (chunk, place) = split(slot);
        self.chunks.get(chunk)?.get(place)?.as_ref()
    }

    /// The value at a slot, to change it. Views that were taken before keep the value as it was.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T>
    where
        T: Clone,
    {
        // Checked first, so that the chunk of an empty slot is not copied.
        self.get(slot)?;
        let (chunk, place) = split(slot);
        Some(Arc::make_mut(Arc::make_mut(self.chunks.get_mut(chunk)?).get_mut(place)?.as_mut()?))
    }

    /// Adds a value, and returns its slot.
    pub fn insert(&mut self, value: Arc<T>) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.end += 1;
            self.end - 1
        });
        let (chunk, place) = split(slot);
        if chunk == self.chunks.len() {
            self.chunks.push(Arc::new([const { None }; CHUNK]));
        }
        if let Some(place) = self.chunks.get_mut(chunk).and_then(|chunk| Arc::make_mut(chunk).get_mut(place)) {
            *place = Some(value);
        }
        slot
    }

    /// Removes the value at a slot, which another value may take.
    pub fn remove(&mut self, slot: u32) -> Option<Arc<T>> {
        self.get(slot)?;
        let (chunk, place) = split(slot);
        let removed = Arc::make_mut(self.chunks.get_mut(chunk)?).get_mut(place)?.take()?;
        self.free.push(slot);
        Some(removed)
    }

    /// The number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.end as usize - self.free.len()
    }

    /// All values as of now.
    #[must_use]
    pub fn view(&self) -> SlabView<T> {
        SlabView { chunks: self.chunks.clone() }
    }
}

impl<T> SlabView<T> {
    /// The values, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(view: &SlabView<u32>) -> Vec<u32> {
        view.iter().map(|value| **value).collect()
    }

    #[test]
    fn a_view_keeps_the_values_of_its_moment() {
        let mut slab = Slab::default();
        let slots: Vec<_> = (0..300).map(|value| slab.insert(Arc::new(value))).collect();
        let view = slab.view();
        *slab.get_mut(slots[7]).unwrap() = 700;
        assert_eq!(slab.remove(slots[8]).as_deref(), Some(&8));
        assert_eq!(slab.insert(Arc::new(800)), slots[8], "a free slot is used again");
        slab.insert(Arc::new(300));
        assert_eq!(values(&view), (0..300).collect::<Vec<_>>());
        let now = values(&slab.view());
        assert_eq!((now.len(), now[7], now[8], now[300], slab.len()), (301, 700, 800, 300, 301));
    }

    #[test]
    fn an_empty_slot_has_no_value() {
        let mut slab = Slab::default();
        let slot = slab.insert(Arc::new(1_u32));
        assert!(slab.remove(slot).is_some() && slab.remove(slot).is_none());
        assert!(slab.get(slot).is_none() && slab.get_mut(slot).is_none() && slab.get(9_999).is_none());
        assert_eq!(slab.len(), 0);
    }
}
