//! Load balancers: which backend gets the next call.
//!
//! A balancer sees [`Backends`] (what a real one would know: weights, health, its own connections,
//! delayed readings of CPU and memory) and answers with one of them. [`Pool`] keeps that knowledge
//! true, adds passive health, and is what the world talks to.

mod adaptive;
mod backends;
mod consistent_hash;
mod deadline_round_robin;
mod deadlines;
mod decay;
mod fast_weighted_round_robin;
mod geographic;
mod hash_table;
mod health;
mod join_idle_queue;
mod least_connections;
mod levels;
mod min_tree;
mod peak_ewma;
mod pool;
mod power_of_choices;
mod random;
mod round_robin;
mod smooth;
mod tiers;
mod tree;

pub use adaptive::Adaptive;
pub use backends::Backends;
pub use consistent_hash::{ConsistentHash, Table};
pub use deadline_round_robin::DeadlineRoundRobin;
pub use fast_weighted_round_robin::FastWeightedRoundRobin;
pub use geographic::{Geographic, Regions};
pub use health::{FailureKind, PassiveHealth};
pub use join_idle_queue::JoinIdleQueue;
pub use least_connections::{LeastConnections, Ties};
pub use peak_ewma::PeakEwma;
pub use pool::Pool;
pub use power_of_choices::{PowerOfChoices, Sampling};
pub use random::Random;
pub use round_robin::RoundRobin;
pub use smooth::SmoothWeightedRoundRobin;
pub use tiers::{Split, Tier, Tiers};

use sim_core::{Draws, Span, Time, strategies};

use crate::outcome::Outcome;
use crate::place::RegionId;

/// A backend's index among its service's replicas; stable for the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackendId(pub u32);

impl BackendId {
    /// The index into the vectors of [`Backends`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Chooses a backend for each call.
///
/// [`Pool`] keeps the contract's other half: `changed` comes before the first pick and before the
/// first pick after any change, each pick is followed by its `sent`, and each `sent` meets exactly
/// one `settled`.
pub trait Balance {
    /// The backend for this call, or `None` if no backend is a candidate.
    ///
    /// Only backends for which [`Backends::is_candidate`] holds may be chosen, and one of them must
    /// be whenever there is any.
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId>;

    /// The picked call was sent; `backends` counts it already.
    fn sent(&mut self, _now: Time, _picked: Picked, _backends: &Backends) {}

    /// A call ended; `backends` no longer counts it.
    fn settled(&mut self, _now: Time, _picked: Picked, _settled: &Settled, _backends: &Backends) {}

    /// Backends were added, opened or closed, or weights or readings changed.
    fn changed(&mut self, _now: Time, _backends: &Backends) {}

    /// A backend came into service, perhaps as another server than it was before: what is remembered
    /// of its calls is of another time.
    fn renewed(&mut self, _backend: BackendId) {}
}

/// What a balancer knows of the call it places.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The call's key, for hashing balancers.
    pub key: u64,
    /// The region the call comes from.
    pub region: RegionId,
    /// Backends this call was sent to before and shall not be sent to again.
    pub tried: &'a [BackendId],
    /// The call's own randomness.
    pub draws: &'a mut Draws,
    via: u32,
}

impl<'a> Choice<'a> {
    /// A call to place.
    pub fn new(key: u64, region: RegionId, tried: &'a [BackendId], draws: &'a mut Draws) -> Choice<'a> {
        Choice { key, region, tried, draws, via: 0 }
    }
}

/// Where a call was sent: kept by the caller, and handed back when the call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// The backend.
    pub backend: BackendId,
    /// Which of several balancers side by side chose it; 0 where there is only one.
    via: u32,
}

/// How a call to a backend ended, as the balancer sees it.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// The end.
    pub outcome: Outcome,
    /// From sending to the end.
    pub latency: Span,
}

/// What the surroundings offer to a balancer that is being built.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// How the pool judges backends by their failures, if it does.
    pub health: Option<PassiveHealth>,
    /// The regions' names, indexed by [`RegionId`].
    pub regions: Vec<String>,
    /// One-way network latency between regions, `distances[from][to]`, indexed by [`RegionId`].
    pub distances: Vec<Vec<Span>>,
}

strategies! {
    /// How a service spreads its calls.
    pub enum Balancer: dyn Balance, context Surroundings {
        /// Any backend, in proportion to its weight.
        Random(Random),
        /// Each backend in turn; weights are ignored.
        RoundRobin(RoundRobin),
        /// Each in turn in proportion to its weight, evenly interleaved, in nginx's order.
        SmoothWeightedRoundRobin(SmoothWeightedRoundRobin),
        /// Each in turn in proportion to its weight, in Envoy's order.
        DeadlineRoundRobin(DeadlineRoundRobin),
        /// Each in turn in proportion to its weight, in HAProxy's order.
        FastWeightedRoundRobin(FastWeightedRoundRobin),
        /// The backend with the fewest calls in flight for its weight.
        LeastConnections(LeastConnections),
        /// Any idle backend; if none is, any in proportion to its weight.
        JoinIdleQueue(JoinIdleQueue),
        /// The less loaded of a few backends drawn at random.
        PowerOfChoices(PowerOfChoices),
        /// The backend that should answer soonest, by remembered latency and calls in flight.
        PeakEwma(PeakEwma),
        /// The lowest of a weighted score over CPU, memory, latency, errors and connections.
        Adaptive(Adaptive),
        /// The same key to the same backend, by consistent hashing.
        ConsistentHash(ConsistentHash),
        /// The nearest region with open backends, or regions by weight; inside, another balancer.
        Geographic(Geographic),
        /// Balancers above balancers, as DNS above global above regional ones.
        Tiers(Tiers),
    }
}

impl Balancer {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Balancer::PowerOfChoices(settings) => settings.check(),
            Balancer::PeakEwma(settings) => settings.check(),
            Balancer::Adaptive(settings) => settings.check(),
            Balancer::ConsistentHash(settings) => settings.check(),
            Balancer::Geographic(settings) => settings.check(),
            Balancer::Tiers(settings) => settings.check(),
            _ => Ok(()),
        }
    }

    /// The names of the regions that the settings speak of, which must exist.
    pub fn regions(&self) -> Vec<&str> {
        match self {
            Balancer::Geographic(settings) => settings.regions(),
            Balancer::Tiers(Tiers(tiers)) => tiers.iter().flat_map(|tier| tier.balancer.regions()).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether this is a fleet in tiers, or holds one: its calls carry the mark of their way.
    fn has_tiers(&self) -> bool {
        match self {
            Balancer::Tiers(_) => true,
            Balancer::Geographic(settings) => settings.inner.has_tiers(),
            _ => false,
        }
    }
}
