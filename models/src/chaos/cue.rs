//! Cues: what happens in the world that a fault may wait for.
//!
//! A [`Cue`] is what happened; a [`Trigger`] is what a scenario file waits for, by names. Parts of the
//! world give cues through [`World::cue`]; where no fault waits for any, that is one branch.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::{Ratio, Time};

use super::{CheckId, FaultId, Surroundings};
use crate::cluster::ReleaseId;
use crate::rollout::Phase;
use crate::service::ServiceId;
use crate::world::{Event, World};

/// Something that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// A service's number of ready replicas has changed.
    Ready {
        /// Whose.
        service: ServiceId,
        /// How many there were.
        from: u32,
        /// How many there are.
        to: u32,
    },
    /// A service shall have another number of replicas.
    Scaled(ServiceId),
    /// A node has fallen silent.
    NodeLost,
    /// The new version's share of the traffic, or where no router divides it of the ready pods, has changed.
    Share {
        /// Of which release.
        release: ReleaseId,
        /// Percent there were.
        from: u32,
        /// Percent there are.
        to: u32,
    },
    /// A release has come so far.
    Phase(ReleaseId, Phase),
    /// A strike of a fault has begun.
    Begun(FaultId),
    /// A strike of a fault has ended.
    Ended(FaultId),
    /// A check of the steady state has broken.
    Broken(CheckId),
    /// It holds again.
    Holds(CheckId),
}

/// Something to wait for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Trigger {
    /// A service's ready replicas come to be at least so many.
    ReadyAbove(String, u32),
    /// They come to be fewer than so many.
    ReadyBelow(String, u32),
    /// A service was scaled, out or in.
    Scaled(String),
    /// A node has fallen silent.
    NodeLost,
    /// A release ("shop v2") reaches this share of the traffic; of the ready pods, where no router divides it.
    Share(String, Ratio),
    /// A release has come so far: `Promoted`, say, or `Aborting`.
    Phase(String, Phase),
    /// Another fault has struck.
    Begins(String),
    /// A strike of another fault is over.
    Ends(String),
    /// A check of the steady state breaks.
    Breaks(String),
    /// It holds again.
    Holds(String),
}

impl Trigger {
    pub(super) fn resolve(&self, names: &Surroundings) -> Awaited {
        let index = |list: &[String], name: &String| {
            list.iter().position(|other| other == name).expect("what is waited for has been checked") as u16
        };
        let service = |name| ServiceId(index(&names.services, name));
        match self {
            Trigger::ReadyAbove(name, least) => Awaited::ReadyAbove(service(name), *least),
            Trigger::ReadyBelow(name, least) => Awaited::ReadyBelow(service(name), *least),
            Trigger::Scaled(name) => Awaited::This(Cue::Scaled(service(name))),
            Trigger::NodeLost => Awaited::This(Cue::NodeLost),
            Trigger::Share(name, share) => {
                Awaited::Share(names.release(name), (share.fraction() * 100.0).ceil() as u32)
            }
            Trigger::Phase(name, phase) => Awaited::This(Cue::Phase(names.release(name), *phase)),
            Trigger::Begins(name) => Awaited::This(Cue::Begun(FaultId(index(&names.faults, name)))),
            Trigger::Ends(name) => Awaited::This(Cue::Ended(FaultId(index(&names.faults, name)))),
            Trigger::Breaks(name) => Awaited::This(Cue::Broken(CheckId(index(&names.checks, name)))),
            Trigger::Holds(name) => Awaited::This(Cue::Holds(CheckId(index(&names.checks, name)))),
        }
    }
}

/// A trigger whose names are indices.
pub(super) enum Awaited {
    ReadyAbove(ServiceId, u32),
    ReadyBelow(ServiceId, u32),
    Share(ReleaseId, u32),
    This(Cue),
}

impl Awaited {
    pub(super) fn is_met_by(&self, cue: &Cue) -> bool {
        match (self, cue) {
            (Awaited::This(awaited), cue) => awaited == cue,
            (Awaited::ReadyAbove(of, least), Cue::Ready { service, from, to }) => {
                of == service && from < least && to >= least
            }
            (Awaited::ReadyBelow(of, least), Cue::Ready { service, from, to }) => {
                of == service && from >= least && to < least
            }
            (Awaited::Share(of, least), Cue::Share { release, from, to }) => {
                of == release && from < least && to >= least
            }
            _ => false,
        }
    }
}

impl World {
    /// Tells all faults what has happened; those that have waited for it will strike.
    pub(crate) fn cue(&mut self, cx: &mut Cx<'_, World>, cue: Cue) {
        for (index, after) in self.chaos.cue(&cue) {
            cx.after(after, Event::Strike(index));
        }
    }

    /// One more replica of a service is ready, or one less.
    pub(crate) fn ready_changed(&mut self, cx: &mut Cx<'_, World>, service: ServiceId, rises: bool) {
        // Who is there when the run begins has not come.
        if self.chaos.faults.is_empty() && self.steady.is_empty() || cx.now == Time::ZERO {
            return;
        }
        let to = self.ready(service);
        let from = if rises { to - 1 } else { to + 1 };
        self.cue(cx, Cue::Ready { service, from, to });
        self.judge_ready(cx, service, to);
    }

    /// How many replicas of a service are ready.
    pub(crate) fn ready(&self, service: ServiceId) -> u32 {
        let deployments = self.cluster.deployments.iter().filter(|one| one.service == service);
        deployments.map(|deployment| deployment.ready).sum()
    }
}
