//! Weighted round robin in HAProxy's order.
//!
//! Positions on a line: a backend of weight w among weights that sum to W is due every W / w
//! positions, the remainder carried over, and whoever is due first gets the position; whoever is
//! not yet on the line is let into any gap, the heaviest first. When a stretch of W positions is
//! used up, all start over. The share of each is its weight; {4,2,1,1} becomes ABACABAD.
//!
//! Source: HAProxy, lb_fwrr.c, with its scale of 16 positions for each unit of weight. A backend
//! whose weight changes leaves and joins again, where HAProxy moves it along.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::min_tree::MinTree;
use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// Each in turn in proportion to its weight, in HAProxy's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FastWeightedRoundRobin {}

impl Build<dyn Balance, Surroundings> for FastWeightedRoundRobin {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(Line::default())
    }
}

/// Positions a unit of weight, so that remainders of small weights are not lost.
const SCALE: i64 = 16;

#[derive(Default)]
struct Line {
    backends: Vec<Standing>,
    /// Those with a position, by it, then by how far their remainder has come, then by entry.
    placed: MinTree<(i64, i64, u64)>,
    /// Those without, heaviest first, then by entry: of this stretch, and of the next.
    waiting: [MinTree<(i64, u64)>; 2],
    /// Which of `waiting` is of this stretch.
    present: usize,
    position: i64,
    /// Length of this stretch; of the next.
    length: i64,
    length_next: i64,
    entered: u64,
    started: bool,
    /// Those passed over for the present call; here only so that no call allocates.
    passed_over: Vec<BackendId>,
}

#[derive(Clone, Copy, Default)]
struct Standing {
    /// Scaled; 0 if it has no part in the turns.
    weight: i64,
    /// The position at which it is due; 0 before its first.
    due: i64,
    remainder: i64,
}

impl Line {
    fn enter(&mut self) -> u64 {
        self.entered += 1;
        self.entered
    }

    fn wait(&mut self, id: BackendId, stretch: usize) {
        let key = (-self.backends[id.index()].weight, self.enter());
        self.waiting[stretch].set(id.index(), Some(key));
    }

    /// Gives the backend its place by when it is due, or has it wait for the next stretch.
    fn place(&mut self, id: BackendId) {
        let Standing { weight, due, remainder } = self.backends[id.index()];
        if due >= 2 * self.length || due >= self.length + self.length_next {
            self.wait(id, 1 - self.present);
        } else {
            let key = (due, (remainder - weight).div_euclid(SCALE), self.enter());
            self.placed.set(id.index(), Some(key));
        }
    }

    fn leave(&mut self, id: BackendId) {
        self.placed.set(id.index(), None);
        self.waiting[0].set(id.index(), None);
        self.waiting[1].set(id.index(), None);
    }

    /// Whose turn it is in this stretch.
    fn first(&mut self) -> Option<BackendId> {
        let placed = self.placed.first();
        let is_due = placed.is_some_and(|index| self.backends[index].due <= self.position);
        let waiting = if is_due { None } else { self.waiting[self.present].first() };
        if let Some(index) = waiting {
            self.backends[index] = Standing { weight: self.backends[index].weight, due: 0, remainder: 0 };
        }
        waiting.or(placed).map(|index| BackendId(index as u32))
    }

    /// Uses up a position for the backend and works out when it is due again.
    fn advance(&mut self, id: BackendId) {
        self.leave(id);
        let Standing { weight, due, remainder } = &mut self.backends[id.index()];
        if *due == 0 {
            *due = self.position;
        }
        *due += self.length_next / *weight;
        *remainder += self.length_next % *weight;
        if *remainder >= *weight {
            *remainder -= *weight;
            *due += 1;
        }
        self.position += 1;
    }

    fn start_stretch(&mut self) {
        self.present = 1 - self.present;
        self.length = self.length_next;
        self.position = self.length;
    }
}

impl Balance for Line {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, _: &Backends) -> Option<BackendId> {
        self.started = true;
        let mut is_new_stretch = false;
        let found = loop {
            let Some(id) = self.first() else {
                if is_new_stretch {
                    break None;
                }
                is_new_stretch = true;
                self.start_stretch();
                continue;
            };
            self.advance(id);
            if !choice.tried.contains(&id) {
                break Some(id);
            }
            self.passed_over.push(id);
        };
        if let Some(id) = found {
            self.place(id);
        }
        while let Some(id) = self.passed_over.pop() {
            // Their places were lost with the old stretch.
            if is_new_stretch { self.wait(id, self.present) } else { self.place(id) }
        }
        found
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.backends.resize(backends.len(), Standing::default());
        self.placed.resize(backends.len());
        self.waiting.iter_mut().for_each(|waiting| waiting.resize(backends.len()));
        for id in (0..backends.len() as u32).map(BackendId) {
            let weight = if backends.is_open(id) { SCALE * i64::from(backends.weights[id.index()]) } else { 0 };
            let before = std::mem::replace(&mut self.backends[id.index()].weight, weight);
            if before == weight {
                continue;
            }
            self.leave(id);
            self.length_next += weight - before;
            if weight > 0 && !self.started {
                self.wait(id, self.present);
            } else if weight > 0 {
                let rest = self.length_next + self.length - self.position;
                self.backends[id.index()].due = self.position + rest / weight;
                self.place(id);
            }
        }
        if !self.started {
            self.length = self.length_next;
            self.position = self.length;
        }
    }
}
