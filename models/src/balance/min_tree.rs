//! A tournament: the smallest of n keys, kept up to date in log n steps when one of them changes.
//!
//! A heap would need to find a key before it can move it; here a key's place is its index. Nothing
//! is allocated once the size is known.

/// The smallest of a fixed number of optional keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct MinTree<K> {
    keys: Vec<Option<K>>,
    /// A complete binary tree, root at 1; each node holds the index of its smaller child's winner,
    /// leaves hold their own index.
    winners: Vec<u32>,
}

impl<K: Copy + Ord> MinTree<K> {
    /// Makes room for `len` keys; those there are stay.
    pub(crate) fn resize(&mut self, len: usize) {
        let leaves = len.next_power_of_two();
        self.keys.resize(leaves, None);
        self.winners.clear();
        self.winners.resize(leaves, 0);
        self.winners.extend(0..leaves as u32);
        for node in (1..leaves).rev() {
            self.play(node);
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<K> {
        self.keys[index]
    }

    /// Sets or, with `None`, takes out a key.
    pub(crate) fn set(&mut self, index: usize, key: Option<K>) {
        let before = std::mem::replace(&mut self.keys[index], key);
        if before == key {
            return;
        }
        let mut node = (self.keys.len() + index) / 2;
        while node > 0 {
            self.play(node);
            node /= 2;
        }
    }

    /// The index of the smallest key; of equal keys, the lowest index.
    pub(crate) fn first(&self) -> Option<usize> {
        let winner = *self.winners.get(1)? as usize;
        self.keys[winner].is_some().then_some(winner)
    }

    /// As [`MinTree::first`], as if the keys at the indices `skipped` were not there.
    pub(crate) fn first_except(&mut self, skipped: impl Iterator<Item = usize> + Clone) -> Option<usize> {
        let Some(key) =
            skipped.clone().find_map(|index| self.keys.get(index).copied().flatten().map(|key| (index, key)))
        else {
            return self.first();
        };
        // Take one out, ask again without it, and put it back: as deep as the list is long.
        let (index, value) = key;
        self.set(index, None);
        let found = self.first_except(skipped);
        self.set(index, Some(value));
        found
    }

    fn play(&mut self, node: usize) {
        let (left, right) = (self.winners[2 * node], self.winners[2 * node + 1]);
        let wins = |a: Option<K>, b: Option<K>| match (a, b) {
            (Some(a), Some(b)) => a <= b,
            (a, b) => a.is_some() || b.is_none(),
        };
        let left_wins = wins(self.keys[left as usize], self.keys[right as usize]);
        self.winners[node] = if left_wins { left } else { right };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_tournament_agrees_with_a_search(
            steps in prop::collection::vec((0usize..11, prop::option::of(0u32..6)), 1..60),
            skipped in prop::collection::vec(0usize..11, 0..4),
        ) {
            let mut tree = MinTree::default();
            tree.resize(5);
            let mut naive = [None; 11];
            for (round, (index, key)) in steps.into_iter().enumerate() {
                if round == 5 {
                    tree.resize(11);
                }
                let index = if round < 5 { index % 5 } else { index };
                tree.set(index, key);
                naive[index] = key;
                let search = |skipped: &[usize]| {
                    let left = naive.iter().enumerate().filter(|(index, _)| !skipped.contains(index));
                    left.filter_map(|(index, key)| key.map(|key| (key, index))).min().map(|(_, index)| index)
                };
                prop_assert_eq!(tree.first(), search(&[]));
                prop_assert_eq!(tree.first_except(skipped.iter().copied()), search(&skipped));
            }
        }
    }
}
