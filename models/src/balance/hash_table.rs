//! The tables of consistent hashing, brought up to date when who is in service, or a weight, changes.

use sim_core::rng::hash_words;

use super::consistent_hash::Table;
use super::{BackendId, Backends};

/// Where each key belongs, and who is next.
pub(crate) struct HashTable {
    kind: Table,
    /// The weight that each backend stands in the table with, 0 if it does not.
    weights: Vec<u32>,
    /// Who each backend was then.
    identities: Vec<u64>,
    /// Of a ring: how many points each has, and all points in ascending order with their owners.
    counts: Vec<u64>,
    points: Vec<(u64, BackendId)>,
    /// For each value of a hash's leading bits, the position of the first point not before it:
    /// points are spread evenly, so the one that is sought stands close by.
    starts: Vec<u32>,
    /// Of Maglev: the owner of each entry.
    entries: Vec<BackendId>,
}

impl HashTable {
    pub(crate) fn new(kind: Table) -> HashTable {
        HashTable {
            kind,
            weights: Vec::new(),
            identities: Vec::new(),
            counts: Vec::new(),
            points: Vec::new(),
            starts: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// The owners from `hash` on, once around; a backend comes up as often as it has places.
    pub(crate) fn owners_from(&self, hash: u64) -> impl Iterator<Item = BackendId> + '_ {
        let (before, after) = self.points.split_at(self.first_point(hash));
        let ring = after.iter().chain(before).map(|&(_, owner)| owner);
        let entry = hash.checked_rem(self.entries.len() as u64).unwrap_or(0);
        let (before, after) = self.entries.split_at(entry as usize);
        ring.chain(after.iter().chain(before).copied())
    }

    /// The position of the point that a key of this hash belongs to.
    fn first_point(&self, hash: u64) -> usize {
        let Some(&start) = self.starts.get(leading(hash, self.starts.len())) else { return 0 };
        let after = &self.points[start as usize..];
        let next = start as usize + after.iter().take_while(|&&(point, _)| point < hash).count();
        if !matches!(self.kind, Table::Ring { nearest: true, .. }) || self.points.is_empty() {
            return next;
        }
        let last = self.points.len() - 1;
        let (before, after) = (if next == 0 { last } else { next - 1 }, if next > last { 0 } else { next });
        // Distances around the circle, so wrapping.
        let to_before = hash.wrapping_sub(self.points[before].0);
        let to_after = self.points[after].0.wrapping_sub(hash);
        if to_before <= to_after { before } else { after }
    }

    pub(crate) fn update(&mut self, backends: &Backends) {
        let ids = (0..backends.len() as u32).map(BackendId);
        let weights: Vec<u32> =
            ids.map(|id| if backends.is_in_service(id) { backends.weights[id.index()] } else { 0 }).collect();
        if weights == self.weights && backends.identities == self.identities {
            return;
        }
        match self.kind {
            Table::Ring { points, .. } => {
                let counts = weights.iter().map(|&weight| u64::from(points) * u64::from(weight)).collect();
                self.update_ring(counts, &backends.identities);
            }
            Table::SharedRing { points_min } => {
                self.update_ring(shared_counts(points_min, &weights), &backends.identities);
            }
            Table::Maglev { size } => self.entries = maglev(size, &weights, &backends.identities),
        }
        self.weights = weights;
        self.identities.clone_from(&backends.identities);
    }

    /// Gives each backend its number of points, and leaves alone those that have them.
    fn update_ring(&mut self, counts: Vec<u64>, identities: &[u64]) {
        self.counts.resize(counts.len(), 0);
        let old = std::mem::replace(&mut self.counts, counts);
        let (counts, known) = (&self.counts, &self.identities);
        let stays = |index: usize| {
            old[index] == counts[index] && known.get(index).is_none_or(|identity| *identity == identities[index])
        };
        self.points.retain(|&(_, owner)| stays(owner.index()));
        let kept = self.points.len();
        for (index, &identity) in identities.iter().enumerate().filter(|&(index, _)| !stays(index)) {
            let owner = BackendId(index as u32);
            self.points.extend((0..counts[index]).map(|nth| (hash_words(&[identity, nth]), owner)));
        }
        self.points[kept..].sort_unstable();
        // Two sorted runs: this sort finds them and merges.
        self.points.sort();
        let len = self.points.len().next_power_of_two();
        self.starts.clear();
        let mut next = 0;
        self.starts.extend((0..len).map(|bits| {
            while self.points.get(next).is_some_and(|&(point, _)| leading(point, len) < bits) {
                next += 1;
            }
            next as u32
        }));
    }
}

/// The leading bits of a hash, as many as number `len` values; `len` is 0 or a power of two.
fn leading(hash: u64, len: usize) -> usize {
    ((u128::from(hash) * len as u128) >> 64) as usize
}

/// Envoy's shares of a ring: the lightest gets its part of the smallest size, rounded up, the
/// others in proportion to it; what rounding leaves over goes on to the next.
fn shared_counts(points_min: u32, weights: &[u32]) -> Vec<u64> {
    let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    let lightest = weights.iter().filter(|&&weight| weight > 0).min().map_or(1, |&weight| u64::from(weight));
    let points_of_lightest = (u64::from(points_min) * lightest).div_ceil(total.max(1));
    let (mut sum, mut placed) = (0, 0);
    weights
        .iter()
        .map(|&weight| {
            sum += u64::from(weight);
            let target = (points_of_lightest * sum).div_ceil(lightest);
            let count = target - placed;
            placed = target;
            count
        })
        .collect()
}

/// Each backend in turn takes the first free entry of its own permutation of the table; a lighter
/// one sits turns out.
fn maglev(size: u32, weights: &[u32], identities: &[u64]) -> Vec<BackendId> {
    const FREE: BackendId = BackendId(u32::MAX);
    struct Filler {
        owner: BackendId,
        weight: u64,
        due: u64,
        next: u64,
        skip: u64,
    }
    let size = u64::from(size);
    let heaviest = weights.iter().max().map_or(0, |&weight| u64::from(weight));
    let in_table = weights.iter().enumerate().filter(|&(_, &weight)| weight > 0);
    let mut fillers: Vec<Filler> = in_table
        .map(|(index, &weight)| Filler {
            owner: BackendId(index as u32),
            weight: u64::from(weight),
            due: 0,
            next: hash_words(&[identities[index], 0]) % size,
            skip: hash_words(&[identities[index], 1]) % (size - 1) + 1,
        })
        .collect();
    if fillers.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![FREE; size as usize];
    let mut free = size;
    for round in 1.. {
        for filler in &mut fillers {
            if round * filler.weight < filler.due {
                continue;
            }
            filler.due += heaviest;
            while entries[filler.next as usize] != FREE {
                filler.next = (filler.next + filler.skip) % size;
            }
            entries[filler.next as usize] = filler.owner;
            free -= 1;
            if free == 0 {
                return entries;
            }
        }
    }
    unreachable!("each round fills an entry")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::Place;

    fn backends(weights: &[u32]) -> Backends {
        let mut backends = Backends::default();
        for (index, &weight) in weights.iter().enumerate() {
            backends.push(weight, Place::default(), 100 + index as u64);
        }
        backends
    }

    proptest! {
        #[test]
        fn a_table_that_lived_through_changes_equals_a_new_one(
            stages in prop::collection::vec(prop::collection::vec(0u32..4, 6), 1..6),
            kind in prop_oneof![
                Just(Table::Ring { points: 7, nearest: false }),
                Just(Table::SharedRing { points_min: 40 }),
                Just(Table::Maglev { size: 31 }),
            ],
        ) {
            let mut old = HashTable::new(kind);
            for weights in &stages {
                let backends = backends(weights);
                old.update(&backends);
                let mut new = HashTable::new(kind);
                new.update(&backends);
                prop_assert_eq!(&old.points, &new.points);
                prop_assert_eq!(&old.entries, &new.entries);
            }
        }

        #[test]
        fn a_key_goes_to_the_next_or_the_nearest_point(hash in any::<u64>(), nearest in any::<bool>()) {
            let mut table = HashTable::new(Table::Ring { points: 5, nearest });
            table.update(&backends(&[1, 2]));
            // Ahead on the circle, and the shorter way around.
            let distance = |point: u64| {
                let ahead = point.wrapping_sub(hash);
                if nearest { ahead.min(hash.wrapping_sub(point)) } else { ahead }
            };
            let closest = table.points.iter().min_by_key(|(point, _)| distance(*point)).map(|&(_, owner)| owner);
            prop_assert_eq!(table.owners_from(hash).next(), closest);
        }
    }

    #[test]
    fn maglev_entries_are_shared_by_weight() {
        let mut table = HashTable::new(Table::Maglev { size: 65_537 });
        table.update(&backends(&[1, 1, 2, 0, 4]));
        let count = |id| table.entries.iter().filter(|&&owner| owner == BackendId(id)).count() as f64;
        for (id, share) in [(0, 0.125), (1, 0.125), (2, 0.25), (3, 0.0), (4, 0.5)] {
            assert!((count(id) - share * 65_537.0).abs() <= 2.0, "backend {id} has {}", count(id));
        }
    }

    #[test]
    fn a_shared_ring_has_envoys_number_of_points() {
        assert_eq!(shared_counts(1024, &[1; 10]), [103; 10]);
        assert_eq!(shared_counts(1024, &[1, 0, 1, 1]), [342, 0, 342, 342]);
        assert_eq!(shared_counts(8, &[2, 4, 6]), [2, 4, 6]);
        assert_eq!(shared_counts(8, &[2, 3]), [4, 6]);
    }
}
