//! Rollouts: how a service goes from one version to the next.
//!
//! A rollout is a state machine. Whenever pods changed, or at the time it asked for, it is shown a [`View`]
//! of the sets of pods involved and of what their requests met, and answers with a [`Plan`]: how many
//! pods each set shall have, who gets the traffic, and how the release stands. Whoever asks turns the
//! differences into commands; the plan is a wish, and the next view shows what came of it.
//!
//! ```text
//! stable ●●●●●●●●●○      the version that serves, and the last one known to be good
//! canary ●○              the new one: "new" of a Deployment, "preview" of a blue-green switch
//! older  ●               what an earlier release has left behind when the next one overtook it
//! ```
//!
//! The rules are those of Kubernetes' Deployments (`sync`, `Rolling`, `Recreate`), Argo Rollouts
//! (`Canary`, `BlueGreen`, `analysis`) and Flagger (`Progressive`). Left out: anything that waits for a
//! person's word, experiments, and webhooks.

pub mod analysis;
mod blue_green;
pub mod canary;
mod progress;
pub mod progressive;
mod recreate;
mod rolling;
pub mod sync;

pub use blue_green::BlueGreen;
pub use canary::Canary;
pub use progressive::Progressive;
pub use recreate::Recreate;
pub use rolling::Rolling;

use serde::{Deserialize, Serialize};
use sim_core::stats::Histogram;
use sim_core::{Span, Time, strategies};

/// Steers one release from one version to the next.
pub trait RollOut {
    /// What shall be, given what is; asked whenever pods changed, and at the time that the last plan named.
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan;
}

strategies! {
    /// How a service goes from one version to the next.
    pub enum Rollout: dyn RollOut, context () {
        /// Kubernetes' rolling update: a few pods at a time, within max_surge and max_unavailable.
        Rolling(Rolling),
        /// All old pods end, then the new ones start: a gap, but never two versions at once.
        Recreate(Recreate),
        /// A whole second set beside the first, checked, then all traffic switches at once; and back.
        BlueGreen(BlueGreen),
        /// Argo Rollouts' canary: traffic in steps, with pauses and analyses, and an abort.
        Canary(Canary),
        /// Flagger's: each interval a step more of the traffic if the checks hold; also A/B and mirroring.
        Progressive(Progressive),
    }
}

impl Default for Rollout {
    fn default() -> Rollout {
        Rollout::Rolling(Rolling::default())
    }
}

impl Rollout {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Rollout::Rolling(settings) => settings.check(),
            Rollout::Recreate(settings) => settings.check(),
            Rollout::BlueGreen(settings) => settings.check(),
            Rollout::Canary(settings) => settings.check(),
            Rollout::Progressive(settings) => settings.check(),
        }
    }

    /// How long a pod must have been ready until it counts as available.
    pub fn min_ready(&self) -> Span {
        match self {
            Rollout::Rolling(settings) => settings.min_ready,
            Rollout::Recreate(settings) => settings.min_ready,
            Rollout::BlueGreen(settings) => settings.min_ready,
            Rollout::Canary(settings) => settings.min_ready,
            Rollout::Progressive(_) => Span::ZERO,
        }
    }

    /// Whether a router divides the traffic; if not, each ready pod is as good as any other.
    pub fn routes(&self) -> bool {
        match self {
            Rollout::Rolling(_) | Rollout::Recreate(_) => false,
            Rollout::Canary(settings) => settings.router,
            Rollout::BlueGreen(_) | Rollout::Progressive(_) => true,
        }
    }

    /// The most pods above, and the most missing below, the wanted number that it brings about, where it
    /// promises any.
    pub fn bounds(&self, replicas: u32) -> Option<(u32, u32)> {
        match self {
            Rollout::Rolling(settings) => {
                Some(sync::fenceposts(settings.max_surge, settings.max_unavailable, replicas))
            }
            Rollout::Canary(settings) if !settings.router => {
                Some(sync::fenceposts(settings.max_surge, settings.max_unavailable, replicas))
            }
            Rollout::Recreate(_) => Some((0, replicas)),
            Rollout::BlueGreen(_) | Rollout::Canary(_) | Rollout::Progressive(_) => None,
        }
    }
}

/// A set of pods of one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetView {
    /// Pods it shall have.
    pub spec: u32,
    /// Pods it has that are not ending.
    pub pods: u32,
    /// Those of them that are ready.
    pub ready: u32,
    /// Those that have been ready for `min_ready`.
    pub available: u32,
    /// Pods that are ending.
    pub ending: u32,
}

/// What the requests of a version met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Requests that ended.
    pub requests: u64,
    /// Those of them that failed.
    pub errors: u64,
    /// How long the others took, in nanoseconds.
    pub latency: Histogram,
}

impl Observed {
    /// Counts one request that ended.
    pub fn record(&mut self, ok: bool, latency: Span) {
        self.requests += 1;
        match ok {
            true => self.latency.record(latency.as_nanos()),
            false => self.errors += 1,
        }
    }

    /// Adds what `other` has seen.
    pub fn merge(&mut self, other: &Observed) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.latency.merge(&other.latency);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        (self.requests, self.errors) = (0, 0);
        self.latency.clear();
    }

    /// The share of requests that failed; `None` without requests.
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }
}

/// How things stand.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Replicas that the user or an autoscaler wants.
    pub replicas: u32,
    /// Those before the last change of `replicas`.
    pub replicas_before: u32,
    /// The version that was good so far.
    pub stable: SetView,
    /// The new one.
    pub canary: SetView,
    /// Others on their way out, newest first.
    pub older: &'a [SetView],
    /// The share of traffic that the router sends to the canary now, in percent.
    pub weight: u32,
    /// What requests to the stable version met since the last look.
    pub stable_seen: &'a Observed,
    /// What requests to the canary met since the last look.
    pub canary_seen: &'a Observed,
}

/// Who gets the traffic, where a router decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The canary's share, in percent.
    pub canary: u32,
    /// Whether the canary gets a copy of each request besides, whose answer nobody waits for.
    pub mirror: bool,
    /// If set, `canary` is of this share of the users (in millionths) only, and the others never see it.
    pub users: Option<u32>,
}

impl Traffic {
    /// The share of all requests that the canary gets, in percent, where users ask equally often.
    pub fn share(&self) -> u32 {
        self.users.map_or(self.canary, |users| (u64::from(self.canary) * u64::from(users)).div_ceil(1_000_000) as u32)
    }
}

/// How far a release is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Phase {
    /// Pods start, traffic moves.
    #[default]
    Progressing,
    /// It waits at a step for the time set.
    Paused,
    /// It waits at a step until an analysis has decided.
    Analysing,
    /// An analysis could not decide, or nothing moves any more: it waits for a person.
    Stalled,
    /// The new version is taken to be good and takes over.
    Promoting,
    /// The old version's pods are given back.
    Finalising,
    /// The new version serves all.
    Promoted,
    /// It goes back.
    Aborting,
    /// The old version serves all again.
    RolledBack,
}

impl Phase {
    /// Every phase, in declaration order.
    pub const ALL: [Phase; 9] = [
        Phase::Progressing,
        Phase::Paused,
        Phase::Analysing,
        Phase::Stalled,
        Phase::Promoting,
        Phase::Finalising,
        Phase::Promoted,
        Phase::Aborting,
        Phase::RolledBack,
    ];

    /// The name in results: "rolled_back".
    pub fn label(self) -> &'static str {
        match self {
            Phase::Progressing => "progressing",
            Phase::Paused => "paused",
            Phase::Analysing => "analysing",
            Phase::Stalled => "stalled",
            Phase::Promoting => "promoting",
            Phase::Finalising => "finalising",
            Phase::Promoted => "promoted",
            Phase::Aborting => "aborting",
            Phase::RolledBack => "rolled_back",
        }
    }
}

/// Why a release went back, or no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Too many requests to the new version failed.
    ErrorRate,
    /// Requests to the new version took too long.
    Latency,
    /// A test found the new version slower than the old one.
    Slower,
    /// Too few requests to decide.
    Inconclusive,
    /// No progress for too long.
    ProgressDeadline,
    /// The next release came before this one was through.
    Superseded,
}

impl Reason {
    /// The name in results: "progress_deadline".
    pub fn label(self) -> &'static str {
        match self {
            Reason::ErrorRate => "error_rate",
            Reason::Latency => "latency",
            Reason::Slower => "slower",
            Reason::Inconclusive => "inconclusive",
            Reason::ProgressDeadline => "progress_deadline",
            Reason::Superseded => "superseded",
        }
    }
}

/// What shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Pods of the stable version.
    pub stable: u32,
    /// Pods of the new one.
    pub canary: u32,
    /// Pods of the others, in the order of the view.
    pub older: Vec<u32>,
    /// Who gets the traffic; `None` where each ready pod does.
    pub traffic: Option<Traffic>,
    /// How far the release is.
    pub phase: Phase,
    /// Why it goes back, or no further.
    pub reason: Option<Reason>,
    /// Requests to the canary that the verdict rests on; zero as long as there is none.
    pub judged: u64,
    /// When to be asked again, though nothing changes.
    pub again: Option<Time>,
    /// Whether nothing is left to be done, but to keep the version that has won as large as is wanted.
    pub done: bool,
}

/// The earlier of two times, where there are any.
pub(crate) fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests;
