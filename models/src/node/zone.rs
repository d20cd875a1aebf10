//! How fast the pods of one zone may be told to leave: the fewer nodes are left, the slower.
//!
//! When much of a zone seems down, more often than not it is the network or the control plane that
//! is, and the pods still serve. Source: Kubernetes, node_lifecycle_controller.go
//! (`ComputeZoneState`, `setLimiterInZone`) and scheduler/rate_limited_queue.go.

use std::collections::VecDeque;

use sim_core::{Rate, Span, Time};

use super::lifecycle::LifecycleSettings;
use crate::place::NodeId;

/// How a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneState {
    /// Just seen for the first time.
    Initial,
    /// Most nodes are ready.
    Normal,
    /// Too many are not.
    PartialDisruption,
    /// None is.
    FullDisruption,
}

/// How many nodes of a zone are ready.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Census {
    pub(super) ready: u32,
    pub(super) not_ready: u32,
}

impl Census {
    pub(super) fn count(&mut self, ready: bool) {
        if ready {
            self.ready += 1;
        } else {
            self.not_ready += 1;
        }
    }

    pub(super) fn size(self) -> u32 {
        self.ready + self.not_ready
    }

    pub(super) fn state(self, settings: &LifecycleSettings) -> ZoneState {
        let share = f64::from(self.not_ready) / f64::from(self.size());
        if self.ready == 0 && self.not_ready > 0 {
            ZoneState::FullDisruption
        } else if self.not_ready > super::defaults::UNHEALTHY_NODES_TOLERATED
            && share >= settings.unhealthy_zone_threshold.fraction()
        {
            ZoneState::PartialDisruption
        } else {
            ZoneState::Normal
        }
    }

    /// Nodes a second that may lose their pods. Although called a cluster's, the threshold is
    /// compared with the size of the zone, as in the original.
    pub(super) fn eviction_rate(self, state: ZoneState, settings: &LifecycleSettings) -> Rate {
        match state {
            ZoneState::PartialDisruption if self.size() > settings.large_cluster_threshold => {
                settings.secondary_eviction_rate
            }
            ZoneState::PartialDisruption => Rate::default(),
            _ => settings.eviction_rate,
        }
    }
}

/// A zone as the lifecycle controller keeps it.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) state: ZoneState,
    pub(super) census: Census,
    rate: Rate,
    /// The token bucket, which holds one token: when it has it.
    token_at: Time,
    waiting: VecDeque<NodeId>,
}

impl Zone {
    pub(super) fn new(rate: Rate) -> Zone {
        let (census, token_at) = (Census::default(), Time::ZERO);
        Zone { state: ZoneState::Initial, census, rate, token_at, waiting: VecDeque::new() }
    }

    pub(super) fn set_rate(&mut self, now: Time, rate: Rate) {
        if rate == self.rate {
            return;
        }
        // What waits for a token goes on waiting, from now and at the new pace.
        let has_token = now >= self.token_at;
        self.rate = rate;
        self.token_at = match (rate > Rate::default(), has_token) {
            (true, true) => now,
            (true, false) => now + self.interval(),
            (false, _) => Time::MAX,
        };
    }

    fn interval(&self) -> Span {
        Span::from_secs_f64(1.0 / self.rate.as_per_second())
    }

    pub(super) fn enqueue(&mut self, node: NodeId) {
        self.waiting.push_back(node);
    }

    pub(super) fn dequeue(&mut self, node: NodeId) {
        self.waiting.retain(|&other| other != node);
    }

    /// The next node whose pods shall leave, if one waits and the rate allows it.
    pub(super) fn next(&mut self, now: Time) -> Option<NodeId> {
        if self.waiting.is_empty() || now < self.token_at {
            return None;
        }
        self.token_at = now + self.interval();
        self.waiting.pop_front()
    }
}
