//! Two upstreams of one service, and who is sent to which: what a service with releases has besides.
//!
//! As with two subsets in Istio or two upstreams in nginx, the share of the canary is drawn first, and then
//! its own balancer chooses among its own pods; if it has none, the request fails. The draw is the request's
//! own and stays the same when it is tried again. Versions take turns in the two pools.

use sim_core::rng::hash_words;
use sim_core::{Draw, Span};

use super::{Pool, ReplicaId};
use crate::call::Call;
use crate::rollout::canary::WEIGHT_MAX;
use crate::rollout::{Observed, Traffic};

/// The part of a request's chance that decides about its version.
const SPLIT: u64 = u64::MAX;
/// What keeps the users of a comparison apart from other uses of their keys.
const USERS: u64 = 0x75_73_65_72;

/// What a service with releases has besides.
pub(crate) struct Router {
    /// The second pool.
    pub(crate) other: Pool,
    /// Its replicas, in the order of their backend ids.
    pub(crate) replicas: Vec<ReplicaId>,
    /// The pool that the stable version is in.
    pub(crate) stable: u8,
    pub(crate) traffic: Traffic,
    /// Whether what fails is to be told, and from which latency on an answer harms.
    pub(crate) watched: bool,
    pub(crate) slow: Option<Span>,
    /// By version.
    pub(crate) meters: Vec<Meter>,
    pub(crate) draws: SplitDraws,
}

/// What the requests of a version met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    /// Since its rollout last looked.
    pub(crate) recent: Observed,
    /// Since the last release began.
    pub(crate) release: Observed,
    /// Since the beginning.
    pub(crate) requests: u64,
    pub(crate) errors: u64,
}

/// How often the canary was drawn, and how often it should have been.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SplitDraws {
    pub(crate) canary: u64,
    pub(crate) expected: f64,
    pub(crate) variance: f64,
}

impl Router {
    pub(crate) fn new(other: Pool) -> Router {
        Router {
            other,
            replicas: Vec::new(),
            stable: 0,
            traffic: Traffic::default(),
            watched: false,
            slow: None,
            meters: vec![Meter::default()],
            draws: SplitDraws::default(),
        }
    }

    /// The pool that a call goes to.
    pub(crate) fn choose(&mut self, call: &Call) -> u8 {
        let Traffic { canary, users, .. } = self.traffic;
        let takes_part = |share: u32| hash_words(&[call.key, USERS]) % 1_000_000 < u64::from(share);
        if canary == 0 || !users.is_none_or(takes_part) {
            return self.stable;
        }
        let share = f64::from(canary) / f64::from(WEIGHT_MAX);
        let is_canary = call.seed.branch(SPLIT).chance(share);
        if !call.divided {
            self.draws.canary += u64::from(is_canary);
            self.draws.expected += share;
            self.draws.variance += share * (1.0 - share);
        }
        if is_canary { 1 - self.stable } else { self.stable }
    }

    /// The pool that copies go to, if there are any.
    pub(crate) fn mirror(&self) -> Option<u8> {
        self.traffic.mirror.then_some(1 - self.stable)
    }

    /// Counts an attempt that a version was sent and that has ended.
    pub(crate) fn observe(&mut self, version: u8, ok: bool, latency: Span) {
        let meter = &mut self.meters[usize::from(version)];
        meter.recent.record(ok, latency);
        meter.release.record(ok, latency);
        meter.requests += 1;
        meter.errors += u64::from(!ok);
    }
}
