//! What a balancer knows of its backends, kept so that the common picks need no search.
//!
//! The open backends stand in a sorted list, so "one of them at random" and "the next one" cost one
//! index. A retry must not go where it went before: a draw that hits a tried backend is repeated,
//! and after a few misses the exact list of what is left is drawn from, so no backend is favoured.

use sim_core::Draw;

use super::{BackendId, Choice};
use crate::place::{Place, RegionId, ZoneId};

/// Draws that may miss before the exact, slower way is taken.
const MISSES_MAX: u32 = 8;

/// What is known of the backends: parallel vectors, indexed by [`BackendId`].
#[derive(Clone, Debug, Default)]
pub struct Backends {
    /// Share of traffic relative to the others; 0 takes it out.
    pub weights: Vec<u32>,
    /// Calls in flight from this balancer.
    pub connections: Vec<u32>,
    /// Where each is.
    pub regions: Vec<RegionId>,
    /// Where in its region each is.
    pub zones: Vec<ZoneId>,
    /// A stable identity, for hashing.
    pub identities: Vec<u64>,
    /// Share of its cores in use, as last scraped; 0 to 1.
    pub cpu: Vec<f64>,
    /// Share of its memory in use, as last scraped; 0 to 1.
    pub memory: Vec<f64>,
    up: Vec<bool>,
    /// Up, of weight above zero, and not shut out by passive health.
    open: Vec<bool>,
    /// The open ones in ascending order, as of the last [`Backends::refresh`].
    open_ids: Vec<BackendId>,
    /// Running sums of the weights of `open_ids`; empty while these weights are equal.
    weight_sums: Vec<u64>,
    open_weight: u64,
    in_flight: u64,
}

impl Backends {
    /// How many there are, open or not.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Those that may get calls, in ascending order; brought up to date before each pick.
    pub fn open_ids(&self) -> &[BackendId] {
        &self.open_ids
    }

    /// Whether the backend is up, has weight, and is not shut out by passive health.
    pub fn is_open(&self, id: BackendId) -> bool {
        self.open[id.index()]
    }

    /// Whether the backend is up and has weight, shut out by passive health or not.
    pub fn is_in_service(&self, id: BackendId) -> bool {
        self.up[id.index()] && self.weights[id.index()] > 0
    }

    /// Whether a call that was sent to the backends `tried` may go to this one.
    pub fn is_candidate(&self, id: BackendId, tried: &[BackendId]) -> bool {
        self.open[id.index()] && !tried.contains(&id)
    }

    /// Where a call may go that was sent to the backends `tried`, in ascending order.
    pub fn candidates<'a>(&'a self, tried: &'a [BackendId]) -> impl Iterator<Item = BackendId> + Clone + 'a {
        self.open_ids.iter().copied().filter(move |id| !tried.contains(id))
    }

    /// Whether all of [`Backends::open_ids`] have the same weight.
    pub fn weights_are_equal(&self) -> bool {
        self.weight_sums.is_empty()
    }

    /// The sum of the weights of [`Backends::open_ids`].
    pub fn open_weight(&self) -> u64 {
        self.open_weight
    }

    /// Calls in flight to all of them.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// One of the candidates that are not in `taken`, all equally likely.
    pub fn draw(&self, choice: &mut Choice<'_>, taken: &[BackendId]) -> Option<BackendId> {
        if self.open_ids.is_empty() {
            return None;
        }
        let tried = choice.tried;
        for _ in 0..MISSES_MAX {
            let id = self.open_ids[choice.draws.below(self.open_ids.len())];
            if !tried.contains(&id) && !taken.contains(&id) {
                return Some(id);
            }
        }
        let mut left = self.candidates(tried).filter(|id| !taken.contains(id));
        let count = left.clone().count();
        if count == 0 { None } else { left.nth(choice.draws.below(count)) }
    }

    /// One of the candidates, each in proportion to its weight.
    pub fn draw_weighted(&self, choice: &mut Choice<'_>) -> Option<BackendId> {
        if self.weights_are_equal() {
            return self.draw(choice, &[]);
        }
        let tried = choice.tried;
        for _ in 0..MISSES_MAX {
            let mark = choice.draws.below(self.open_weight as usize) as u64;
            let id = self.open_ids[self.weight_sums.partition_point(|&sum| sum <= mark)];
            if !tried.contains(&id) {
                return Some(id);
            }
        }
        let weight = |id: BackendId| u64::from(self.weights[id.index()]);
        let total: u64 = self.candidates(tried).map(weight).sum();
        if total == 0 {
            return None;
        }
        let mut mark = choice.draws.below(total as usize) as u64;
        self.candidates(tried).find(|&id| {
            let hit = mark < weight(id);
            mark = mark.saturating_sub(weight(id));
            hit
        })
    }

    /// Adds one, up and with no calls in flight.
    pub(crate) fn push(&mut self, weight: u32, place: Place, identity: u64) -> BackendId {
        let id = BackendId(u32::try_from(self.len()).expect("fewer than 2^32 backends"));
        self.weights.push(weight);
        self.connections.push(0);
        self.regions.push(place.region);
        self.zones.push(place.zone);
        self.identities.push(identity);
        self.cpu.push(0.0);
        self.memory.push(0.0);
        self.up.push(true);
        self.open.push(weight > 0);
        id
    }

    /// Region and zone; a balancer knows no nodes.
    pub(crate) fn place(&self, id: BackendId) -> Place {
        Place { region: self.regions[id.index()], zone: self.zones[id.index()], ..Place::default() }
    }

    pub(crate) fn is_up(&self, id: BackendId) -> bool {
        self.up[id.index()]
    }

    pub(crate) fn set_up(&mut self, id: BackendId, up: bool) {
        self.up[id.index()] = up;
    }

    /// Works out anew whether the backend is open; `shut_out` is what passive health says.
    /// True if that changed.
    pub(crate) fn reopen(&mut self, id: BackendId, shut_out: bool) -> bool {
        let open = self.is_in_service(id) && !shut_out;
        std::mem::replace(&mut self.open[id.index()], open) != open
    }

    /// Brings the lists of open backends up to date.
    pub(crate) fn refresh(&mut self) {
        self.open_ids.clear();
        self.open_ids.extend((0..self.open.len() as u32).map(BackendId).filter(|id| self.open[id.index()]));
        let weights = self.open_ids.iter().map(|id| u64::from(self.weights[id.index()]));
        self.open_weight = weights.clone().sum();
        self.weight_sums.clear();
        let first = weights.clone().next();
        if weights.clone().any(|weight| Some(weight) != first) {
            self.weight_sums.extend(weights.scan(0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            }));
        }
    }

    /// Counts one call more to the backend.
    pub(crate) fn connect(&mut self, id: BackendId) {
        self.connections[id.index()] += 1;
        self.in_flight += 1;
    }

    /// Counts one call less; panics if there was none.
    pub(crate) fn disconnect(&mut self, id: BackendId) {
        let connections = &mut self.connections[id.index()];
        assert!(*connections > 0, "backend {} has no call that could end", id.0);
        *connections -= 1;
        self.in_flight -= 1;
    }
}
