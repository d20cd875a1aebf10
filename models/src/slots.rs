//! Storage for things that come and go by the million: slots that are reused, with generations.
//!
//! An id holds the slot's index and its generation. Freeing a slot raises the generation, so an id
//! that outlives its thing finds nothing rather than a stranger. Nothing is allocated while the
//! number of living things stays below its highest.

use std::marker::PhantomData;
use std::num::NonZeroU32;

/// Names a thing in `Slots`; stale once it has been removed.
pub struct SlotId<T> {
    index: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> SlotId<T> {
    /// The slot's index, for tables kept beside the slots.
    pub(crate) fn index(self) -> usize {
        self.index as usize
    }

    /// The whole id in one word.
    pub(crate) fn word(self) -> u64 {
        u64::from(self.index) << 32 | u64::from(self.generation)
    }

    /// The id that this is the word of.
    pub(crate) fn from_word(word: u64) -> SlotId<T> {
        SlotId { index: (word >> 32) as u32, generation: word as u32, of: PhantomData }
    }
}

impl<T> Clone for SlotId<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SlotId<T> {}

impl<T> PartialEq for SlotId<T> {
    fn eq(&self, other: &Self) -> bool {
        self.word() == other.word()
    }
}

impl<T> Eq for SlotId<T> {}

impl<T> PartialOrd for SlotId<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for SlotId<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.word().cmp(&other.word())
    }
}

impl<T> std::fmt::Debug for SlotId<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.index, self.generation)
    }
}

/// Things under stable ids.
#[derive(Debug)]
pub(crate) struct Slots<T> {
    // An occupied slot has an odd generation.
    slots: Vec<(u32, T)>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// Stores a thing and names it. It is made in its slot: built before and moved there, it would be
    /// read back right after it was written, in other pieces, for which processors wait.
    #[inline]
    pub(crate) fn insert_with(&mut self, make: impl FnOnce() -> T) -> SlotId<T> {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.0 = slot.0.wrapping_add(1);
            slot.1 = make();
            return SlotId { index, generation: slot.0, of: PhantomData };
        }
        let index = u32::try_from(self.slots.len()).expect("more than 2^32 things are alive at once");
        self.slots.push((1, make()));
        SlotId { index, generation: 1, of: PhantomData }
    }

    /// The thing called `id`, unless it was removed.
    #[inline]
    pub(crate) fn get(&self, id: SlotId<T>) -> Option<&T> {
        let slot = &self.slots[id.index as usize];
        (slot.0 == id.generation).then_some(&slot.1)
    }

    /// The thing called `id`, unless it was removed.
    #[inline]
    pub(crate) fn get_mut(&mut self, id: SlotId<T>) -> Option<&mut T> {
        let slot = &mut self.slots[id.index as usize];
        (slot.0 == id.generation).then_some(&mut slot.1)
    }

    /// Removes the thing called `id`; panics if it was removed before.
    #[inline]
    pub(crate) fn remove(&mut self, id: SlotId<T>) {
        let slot = &mut self.slots[id.index as usize];
        assert!(slot.0 == id.generation, "a thing is removed once");
        slot.0 = slot.0.wrapping_add(1);
        self.free.push(id.index);
    }

    /// The things alive, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter(|(generation, _)| generation % 2 == 1).map(|(_, thing)| thing)
    }

    /// The ids of the things alive, in the order of their slots.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SlotId<T>> {
        let alive = self.slots.iter().enumerate().filter(|(_, (generation, _))| generation % 2 == 1);
        alive.map(|(index, (generation, _))| SlotId { index: index as u32, generation: *generation, of: PhantomData })
    }

    /// How many things are alive.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

/// Panics if the thing was removed: for ids that their owner knows to be alive.
impl<T> std::ops::Index<SlotId<T>> for Slots<T> {
    type Output = T;
    #[inline]
    fn index(&self, id: SlotId<T>) -> &T {
        self.get(id).expect("the id's owner keeps it alive")
    }
}

impl<T> std::ops::IndexMut<SlotId<T>> for Slots<T> {
    #[inline]
    fn index_mut(&mut self, id: SlotId<T>) -> &mut T {
        self.get_mut(id).expect("the id's owner keeps it alive")
    }
}

/// Names one of [`Lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListId(NonZeroU32);

/// Lists that few things need: those that are given back are used again, with their memory.
#[derive(Debug)]
pub(crate) struct Lists<T> {
    lists: Vec<Vec<T>>,
    free: Vec<ListId>,
}

impl<T> Default for Lists<T> {
    fn default() -> Lists<T> {
        Lists { lists: Vec::new(), free: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// The list at `id`, if any; without one, it is empty.
    #[inline]
    pub(crate) fn get(&self, id: Option<ListId>) -> &[T] {
        id.map_or(&[], |id| &self.lists[id.index()])
    }

    /// Adds to the list at `id`, which begins with this if there was none.
    pub(crate) fn push(&mut self, id: &mut Option<ListId>, thing: T) {
        let id = *id.get_or_insert_with(|| self.free.pop().unwrap_or_else(|| self.add()));
        self.lists[id.index()].push(thing);
    }

    /// Takes the list back.
    #[inline]
    pub(crate) fn remove(&mut self, id: Option<ListId>) {
        if let Some(id) = id {
            self.lists[id.index()].clear();
            self.free.push(id);
        }
    }

    fn add(&mut self) -> ListId {
        self.lists.push(Vec::new());
        let number = u32::try_from(self.lists.len()).ok().and_then(NonZeroU32::new);
        ListId(number.expect("fewer than 2^32 lists are in use at once"))
    }
}

impl ListId {
    fn index(self) -> usize {
        // Counted from 1, so that no list at all takes no room of its own.
        self.0.get() as usize - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_id_finds_nothing() {
        let mut slots = Slots::default();
        let first = slots.insert_with(|| 'a');
        slots.remove(first);
        let second = slots.insert_with(|| 'b');
        assert_eq!(first.index(), second.index());
        assert_eq!((slots.get(first), slots.get(second)), (None, Some(&'b')));
        assert_eq!(slots.len(), 1);
    }
}
