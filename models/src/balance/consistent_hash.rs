//! The same key goes to the same backend, and stays there when others come and go.
//!
//! For backends that remember: caches, sessions, shards. The table that maps keys to backends is
//! one of three, which trade evenness against movement:
//!
//! - `Ring`: each backend stands at a fixed number of points on a circle, and a key belongs to the
//!   next point (Karger et al. 1997; nginx and ketama 160 points a backend), or to the nearest (HAProxy,
//!   16 points for each unit of weight). No key moves between two backends that stay.
//! - `SharedRing`: the ring has a smallest total size, of which each backend gets its share, rounded
//!   up (Envoy). A change in their number changes everybody's points: some more keys move.
//! - `Maglev`: each backend fills a table along its own permutation, in turns (Eisenbud et al.
//!   2016). Nearly perfectly even; a few more keys move.
//!
//! With a load bound, a backend that has its share of the calls in flight times the bound passes
//! the call on to the next (Mirrokni, Thorup, Zadimoghaddam 2018). A backend shut out by passive
//! health keeps its place, and its keys go to the next; one that is down loses it. The hash itself
//! is this project's own, so a key's backend is not the one a real proxy would name.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::rng::hash_words;
use sim_core::strategy::Build;
use sim_core::units::Ratio;

use super::hash_table::HashTable;
use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// The same key to the same backend, by consistent hashing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsistentHash {
    /// How keys map to backends. Default `Ring(points: 160)` (nginx).
    pub table: Table,
    /// The most calls in flight that a backend may have, relative to its share of all; 100 % or
    /// more. Default none (HAProxy `hash-balance-factor`, off unless set).
    pub load_bound: Option<Ratio>,
}

/// How keys map to backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Table {
    /// A ring with as many points for each backend.
    Ring {
        /// Points of a backend of weight 1, 1 to 100,000. Default 160 (nginx, ketama).
        #[serde(default = "ketama_points")]
        points: u32,
        /// Whether a key belongs to the nearest point on either side (HAProxy), which is more even,
        /// instead of the next. Default false (nginx, ketama).
        #[serde(default)]
        nearest: bool,
    },
    /// A ring of a smallest size that the backends share.
    SharedRing {
        /// Points of all together, at least; 1 to 8,388,608. Default 1024 (Envoy
        /// `minimum_ring_size`).
        #[serde(default = "envoy_points")]
        points_min: u32,
    },
    /// A lookup table that the backends fill in turns.
    Maglev {
        /// Entries, a prime up to 5,000,011, well above the number of backends. Default 65537
        /// (Envoy `table_size`).
        #[serde(default = "maglev_size")]
        size: u32,
    },
}

fn ketama_points() -> u32 {
    160
}

fn envoy_points() -> u32 {
    1024
}

fn maglev_size() -> u32 {
    65_537
}

impl Default for Table {
    fn default() -> Table {
        Table::Ring { points: ketama_points(), nearest: false }
    }
}

impl ConsistentHash {
    pub(crate) fn check(&self) -> Result<(), String> {
        let within = |name: &str, found: u32, max: u32| {
            let good = (1..=max).contains(&found);
            if good { Ok(()) } else { Err(format!("{name} must be from 1 to {max}, found {found}")) }
        };
        match self.table {
            Table::Ring { points, .. } => within("points", points, 100_000)?,
            Table::SharedRing { points_min } => within("points_min", points_min, 8_388_608)?,
            Table::Maglev { size } => {
                within("size", size, 5_000_011)?;
                let is_prime = size > 1 && (2..).take_while(|d| d * d <= size).all(|d| size % d != 0);
                if !is_prime {
                    return Err(format!("the size of a Maglev table must be prime, found {size}"));
                }
            }
        }
        match self.load_bound {
            Some(bound) if bound < Ratio::ONE => Err(format!("load_bound must be 100% or more, found {bound}")),
            _ => Ok(()),
        }
    }
}

impl Build<dyn Balance, Surroundings> for ConsistentHash {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(Hashing { table: HashTable::new(self.table), load_bound: self.load_bound.map(Ratio::fraction) })
    }
}

struct Hashing {
    table: HashTable,
    load_bound: Option<f64>,
}

impl Hashing {
    /// Whether one call more stays within the backend's bound.
    fn has_room(&self, id: BackendId, backends: &Backends) -> bool {
        self.load_bound.is_none_or(|bound| {
            let share = f64::from(backends.weights[id.index()]) / backends.open_weight() as f64;
            let most = (bound * share * (backends.in_flight() + 1) as f64).ceil();
            f64::from(backends.connections[id.index()]) < most
        })
    }
}

impl Balance for Hashing {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let mut first = None;
        let mut met = 0;
        for id in self.table.owners_from(hash_words(&[choice.key])) {
            if !backends.is_candidate(id, choice.tried) {
                // Where few are left the rest of a long table need not be searched for nobody.
                met += 1;
                if met == backends.len() && backends.candidates(choice.tried).next().is_none() {
                    return None;
                }
                continue;
            }
            if self.has_room(id, backends) {
                return Some(id);
            }
            first = first.or(Some(id));
        }
        // Those with room have all been tried before.
        first.or_else(|| backends.candidates(choice.tried).next())
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.table.update(backends);
    }
}
