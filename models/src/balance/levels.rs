//! The open backends sorted by calls in flight, one list a number: "any of the least loaded" at the
//! cost of one draw, however many backends there are.

use sim_core::Draw;

use super::{BackendId, Backends, Choice};

/// The open backends by their calls in flight.
#[derive(Default)]
pub(crate) struct Levels {
    /// `levels[n]` holds those with n calls in flight, in no order.
    levels: Vec<Vec<BackendId>>,
    /// Where each is: its level and its position there.
    places: Vec<Option<(usize, usize)>>,
    /// All levels below this one are empty.
    lowest: usize,
}

impl Levels {
    pub(crate) fn changed(&mut self, backends: &Backends) {
        self.places.resize(backends.len(), None);
        for index in 0..backends.len() as u32 {
            self.update(BackendId(index), backends);
        }
    }

    /// The backend's connections changed by one, or it was opened or closed.
    pub(crate) fn update(&mut self, id: BackendId, backends: &Backends) {
        let level = backends.is_open(id).then(|| backends.connections[id.index()] as usize);
        let place = self.places[id.index()];
        if place.map(|(level, _)| level) == level {
            return;
        }
        if let Some((level, position)) = place {
            self.levels[level].swap_remove(position);
            if let Some(&moved) = self.levels[level].get(position) {
                self.places[moved.index()] = Some((level, position));
            }
        }
        if let Some(level) = level {
            if self.levels.len() <= level {
                self.levels.resize_with(level + 1, Vec::new);
            }
            self.places[id.index()] = Some((level, self.levels[level].len()));
            self.levels[level].push(id);
            self.lowest = self.lowest.min(level);
        } else {
            self.places[id.index()] = None;
        }
    }

    /// Any candidate with no call in flight.
    pub(crate) fn draw_idle(&self, choice: &mut Choice<'_>) -> Option<BackendId> {
        self.levels.first().and_then(|idle| draw(idle, choice))
    }

    /// Any of the candidates with the fewest calls in flight.
    pub(crate) fn draw_lowest(&mut self, choice: &mut Choice<'_>) -> Option<BackendId> {
        while self.levels.get(self.lowest).is_some_and(Vec::is_empty) {
            self.lowest += 1;
        }
        self.levels.get(self.lowest..)?.iter().find_map(|level| draw(level, choice))
    }
}

fn draw(level: &[BackendId], choice: &mut Choice<'_>) -> Option<BackendId> {
    let mut left = level.iter().copied().filter(|id| !choice.tried.contains(id));
    let count = if choice.tried.is_empty() { level.len() } else { left.clone().count() };
    match count {
        0 => None,
        1 => left.next(),
        _ if choice.tried.is_empty() => Some(level[choice.draws.below(count)]),
        _ => left.nth(choice.draws.below(count)),
    }
}
