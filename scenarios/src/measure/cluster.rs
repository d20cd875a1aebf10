//! From facts about the cluster to figures: replicas over time, scaling, healing, probes.

use std::collections::BTreeMap;

use models::cluster::{ClusterGauge, DeploymentId};
use models::heal::{Action, Cause, Healing};
use models::pod::probe::ProbeKind;
use models::scale::Reason;
use models::world::Fact;
use sim_core::Time;
use sim_core::stats::Welford;

/// Entries that a log keeps; what comes after is only counted.
const LOG_MAX: usize = 10_000;

/// What was seen of the cluster in one replication.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterMeter {
    /// By deployment.
    pub(crate) deployments: Vec<DeploymentMeter>,
    /// At each sample, by gauge.
    pub(crate) census: Vec<(Time, [u64; ClusterGauge::ALL.len()])>,
    pub(crate) healings: Log<(Healing, HealingEnd)>,
    pub(crate) healed: BTreeMap<(Cause, Action), Healed>,
    pub(crate) scalings: Log<Scaling>,
    pub(crate) commands: u64,
    /// Attempts to place a pod that found no node.
    pub(crate) unschedulable: u64,
}

/// What was seen of a deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeploymentMeter {
    /// Desired and ready replicas at each sample.
    pub(crate) counts: Vec<(Time, u32, u32)>,
    pub(crate) scaled_out: u64,
    pub(crate) scaled_in: u64,
    /// Relative errors of forecasts.
    pub(crate) forecast_error: Welford,
    /// Probes that were answered well, and others, by what they were for.
    pub(crate) probes: BTreeMap<ProbeKind, (u64, u64)>,
}

/// How a healing came out, as far as the run knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HealingEnd {
    Succeeded,
    Failed,
    /// The run was over before.
    Unfinished,
}

/// Healings of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Healed {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// Those that were under way when the run was over.
    pub(crate) unfinished: u64,
    /// Seconds that those took which succeeded.
    pub(crate) took: Welford,
}

/// A change of size that an autoscaler wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaling {
    pub(crate) deployment: DeploymentId,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) reason: Reason,
}

/// The first entries of what happened, and when.
#[derive(Clone, Debug)]
pub(crate) struct Log<T>(pub(crate) Vec<(Time, T)>);

impl<T> Default for Log<T> {
    fn default() -> Log<T> {
        Log(Vec::new())
    }
}

impl<T> Log<T> {
    pub(super) fn push(&mut self, now: Time, entry: T) {
        if self.0.len() < LOG_MAX {
            self.0.push((now, entry));
        }
    }
}

impl ClusterMeter {
    fn deployment(&mut self, id: DeploymentId) -> &mut DeploymentMeter {
        let index = usize::from(id.0);
        if self.deployments.len() <= index {
            self.deployments.resize_with(index + 1, DeploymentMeter::default);
        }
        &mut self.deployments[index]
    }

    /// Takes in a fact; `measured` is whether the warm-up is over. Logs begin with the run.
    pub(crate) fn fact(&mut self, now: Time, fact: &Fact, measured: bool) {
        match *fact {
            Fact::Commanded { .. } => self.commands += 1,
            Fact::Unschedulable { .. } => self.unschedulable += 1,
            Fact::Healed(healing) => {
                let end = if healing.success { HealingEnd::Succeeded } else { HealingEnd::Failed };
                self.heal(now, healing, end);
            }
            Fact::Counted { deployment, desired, ready, .. } if measured || now == Time::ZERO => {
                self.deployment(deployment).counts.push((now, desired, ready));
            }
            Fact::Surveyed { gauge, value } if measured => {
                if self.census.last().is_none_or(|(at, _)| *at < now) {
                    self.census.push((now, [0; ClusterGauge::ALL.len()]));
                }
                let (_, values) = self.census.last_mut().expect("just added");
                values[gauge as usize] = value;
            }
            Fact::Scaled { deployment, from, to, reason } => {
                self.scalings.push(now, Scaling { deployment, from, to, reason });
                let meter = self.deployment(deployment);
                *(if to > from { &mut meter.scaled_out } else { &mut meter.scaled_in }) += 1;
            }
            Fact::Forecast { deployment, error: Some(error), .. } => {
                self.deployment(deployment).forecast_error.record(error);
            }
            Fact::Probed { deployment, kind, ok } => {
                let counts = self.deployment(deployment).probes.entry(kind).or_default();
                *(if ok { &mut counts.0 } else { &mut counts.1 }) += 1;
            }
            _ => {}
        }
    }

    /// Takes in a healing that has ended, or that the end of the run cuts short.
    pub(crate) fn heal(&mut self, now: Time, healing: Healing, end: HealingEnd) {
        self.healings.push(now, (healing, end));
        let kind = self.healed.entry((healing.ailment.cause, healing.ailment.action)).or_default();
        match end {
            HealingEnd::Succeeded => {
                kind.succeeded += 1;
                kind.took.record(healing.took.as_secs_f64());
            }
            HealingEnd::Failed => kind.failed += 1,
            HealingEnd::Unfinished => kind.unfinished += 1,
        }
    }
}
