//! Load balancers: which backend gets the next call.
//!
//! A balancer sees [`Backends`] (what a real one would know: weights, health, its own connections,
//! delayed readings of CPU and memory) and answers with one of them. [`Pool`] keeps that knowledge
//! true, adds passive health, and is what the world talks to.

use sim_core::{Draws, Span, Time};

use crate::outcome::Outcome;
use crate::place::RegionId;

/// A backend's index among its service's replicas; stable for the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackendId(pub u32);

/// Chooses a backend for each call.
pub trait Balance {
    /// The backend for this call, or `None` if no backend is a candidate.
    ///
    /// Only backends for which [`Backends::is_candidate`] holds may be chosen.
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId>;

    /// A call was sent to `backend`; `backends` counts it already.
    fn sent(&mut self, _now: Time, _backend: BackendId, _backends: &Backends) {}

    /// A call to `backend` ended; `backends` no longer counts it.
    fn settled(&mut self, _now: Time, _backend: BackendId, _settled: &Settled, _backends: &Backends) {}

    /// Backends came, went, or changed weight.
    fn changed(&mut self, _now: Time, _backends: &Backends) {}
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
}

/// How a call to a backend ended, as the balancer sees it.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// The end.
    pub outcome: Outcome,
    /// From sending to the end.
    pub latency: Span,
}

/// What is known of the backends: parallel vectors, indexed by [`BackendId`].
#[derive(Clone, Debug, Default)]
pub struct Backends {
    /// Share of traffic relative to the others; 0 takes it out.
    pub weights: Vec<u32>,
    /// Calls in flight from this balancer.
    pub connections: Vec<u32>,
    /// Where each is.
    pub regions: Vec<RegionId>,
    /// A stable identity, for hashing.
    pub identities: Vec<u64>,
    /// Share of its cores in use, as last scraped; 0 to 1.
    pub cpu: Vec<f64>,
    /// Share of its memory in use, as last scraped; 0 to 1.
    pub memory: Vec<f64>,
    /// Up, of weight above zero, and not shut out by passive health.
    open: Vec<bool>,
    open_count: usize,
}
