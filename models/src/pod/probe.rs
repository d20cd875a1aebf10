//! Probes: is a container up, alive, ready?
//!
//! A worker a probe and container asks every `period`, first at once. It stores a result only after
//! so many equal answers in a row, and until then the stored one stands: liveness begins as a
//! success (nothing is restarted unasked), readiness as a failure (nothing gets traffic unasked),
//! startup as unknown. Liveness and readiness wait until the container has started, which is when
//! its startup probe has passed, or at once if there is none. A failed liveness or startup probe
//! means a restart, so its worker holds until it sees another container.
//!
//! Source: kubelet, pkg/kubelet/prober/worker.go (`doProbe`). There the worker waits for the answer;
//! here a [tick](Prober::tick) asks for a probe and its [outcome](Prober::outcome) comes later, and
//! ticks in between are skipped. Left out: the random delay after a kubelet's own restart, and the
//! probe at once that a container's start triggers.

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::defaults::{
    PROBE_FAILURE_THRESHOLD, PROBE_INITIAL_DELAY, PROBE_PERIOD, PROBE_SUCCESS_THRESHOLD, PROBE_TIMEOUT,
};
use super::{ContainerId, Phase, RestartPolicy};

/// When and how often a container is probed, and how many answers decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProbeSettings {
    /// The endpoint of its service that is asked, with a request like any other; without one it is
    /// enough that somebody listens.
    pub endpoint: Option<String>,
    /// How long after its start a container is left alone.
    pub initial_delay: Span,
    /// From one probe to the next.
    pub period: Span,
    /// How long the answer may take; later is a failure.
    pub timeout: Span,
    /// Successes in a row that make the result a success.
    pub success_threshold: u32,
    /// Failures in a row that make it a failure.
    pub failure_threshold: u32,
}

impl Default for ProbeSettings {
    fn default() -> ProbeSettings {
        ProbeSettings {
            endpoint: None,
            initial_delay: PROBE_INITIAL_DELAY,
            period: PROBE_PERIOD,
            timeout: PROBE_TIMEOUT,
            success_threshold: PROBE_SUCCESS_THRESHOLD,
            failure_threshold: PROBE_FAILURE_THRESHOLD,
        }
    }
}

impl ProbeSettings {
    /// Tells what is wrong with the settings for such a probe, if anything is.
    pub fn check(&self, kind: ProbeKind) -> Result<(), String> {
        if self.period == Span::ZERO {
            return Err("period: a probe needs time between its tries".to_owned());
        }
        if self.timeout == Span::ZERO {
            return Err("timeout: a limit of zero fails every probe before it begins".to_owned());
        }
        if self.success_threshold == 0 {
            return Err("success_threshold: a success takes at least 1".to_owned());
        }
        if self.failure_threshold == 0 {
            return Err("failure_threshold: a failure takes at least 1".to_owned());
        }
        if kind.restarts() && self.success_threshold != 1 {
            return Err("success_threshold: must be 1 for liveness and startup, as Kubernetes demands".to_owned());
        }
        Ok(())
    }
}

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// Has it come up? The others wait for it; a failure restarts the container.
    Startup,
    /// Does it still work? A failure restarts the container.
    Liveness,
    /// May it have traffic? A failure takes it out of the endpoints.
    Readiness,
    /// Like readiness, but by a sample call down the dependencies: when they fail, so does this.
    Deep,
}

impl ProbeKind {
    /// The result before there is one.
    pub const fn initial(self) -> Verdict {
        match self {
            ProbeKind::Startup => Verdict::Unknown,
            ProbeKind::Liveness => Verdict::Success,
            ProbeKind::Readiness | ProbeKind::Deep => Verdict::Failure,
        }
    }

    /// Whether a failure restarts the container; otherwise it keeps traffic away.
    pub const fn restarts(self) -> bool {
        matches!(self, ProbeKind::Startup | ProbeKind::Liveness)
    }
}

/// The result of a probe, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not decided.
    Unknown,
    /// Passed.
    Success,
    /// Failed.
    Failure,
}

/// How one probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The container answered well and in time.
    Success,
    /// It did not.
    Failure,
    /// The prober itself failed, which says nothing of the container.
    Error,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerState {
    /// Waits for its start, perhaps in back-off.
    Waiting,
    /// Runs since then.
    Running(Time),
    /// Has ended.
    Terminated,
}

/// A container as its status tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerView {
    /// Which one; a restart makes another.
    pub id: ContainerId,
    /// What it does.
    pub state: ContainerState,
    /// Whether it has passed its startup probe, or has none and runs.
    pub started: bool,
}

/// What a prober sees of its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbedPod {
    /// Where the pod is in its life; `None` before it has a status.
    pub phase: Option<Phase>,
    /// Whether its end has been asked for.
    pub terminating: bool,
    /// Whether containers that end are started again.
    pub restart_policy: RestartPolicy,
    /// Its container, once it has been created.
    pub container: Option<ContainerView>,
}

/// What a tick asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// No further ticks: this prober is done.
    Stop,
    /// Nothing this time.
    Skip(Skip),
    /// A probe; its outcome must be told.
    Probe,
}

/// Why a tick asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// The last probe has no outcome yet.
    UnderWay,
    /// The pod has no status yet.
    NoStatus,
    /// The container has not been created yet.
    NoContainer,
    /// Its verdict stands until another container takes its place.
    OnHold,
    /// The container waits for its start.
    NotRunning,
    /// The initial delay has not passed.
    TooEarly,
    /// Startup has been decided.
    Started,
    /// Startup has not been decided.
    NotStarted,
}

/// A result that is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultChange {
    /// Of which probe.
    pub kind: ProbeKind,
    /// Before.
    pub from: Verdict,
    /// Now.
    pub to: Verdict,
}

/// The worker that probes one container of one pod for one purpose.
#[derive(Clone, Debug)]
pub struct Prober {
    kind: ProbeKind,
    settings: ProbeSettings,
    container: Option<ContainerId>,
    stored: Option<Verdict>,
    last: Option<ProbeOutcome>,
    streak: u32,
    on_hold: bool,
    under_way: bool,
}

impl Prober {
    /// A worker that has not seen its container yet.
    pub fn new(kind: ProbeKind, settings: ProbeSettings) -> Prober {
        let (container, stored, last) = (None, None, None);
        Prober { kind, settings, container, stored, last, streak: 0, on_hold: false, under_way: false }
    }

    /// What it probes for.
    pub fn kind(&self) -> ProbeKind {
        self.kind
    }

    /// Its settings.
    pub fn settings(&self) -> &ProbeSettings {
        &self.settings
    }

    /// The result as it stands.
    pub fn verdict(&self) -> Verdict {
        self.stored.unwrap_or(self.kind.initial())
    }

    /// The result for this container: what is known of another says nothing of it.
    pub fn verdict_of(&self, container: ContainerId) -> Verdict {
        if self.container == Some(container) { self.verdict() } else { self.kind.initial() }
    }

    /// Whether the result is one that was found, not the one to begin with.
    pub fn has_result(&self) -> bool {
        self.stored.is_some()
    }

    /// Whether it waits for another container.
    pub fn is_on_hold(&self) -> bool {
        self.on_hold
    }

    /// How many equal outcomes there were in a row; a verdict that means a restart clears it.
    pub fn streak(&self) -> u32 {
        self.streak
    }

    /// A period has passed, or the pod has just begun.
    pub fn tick(&mut self, now: Time, pod: &ProbedPod) -> Tick {
        if self.under_way {
            return Tick::Skip(Skip::UnderWay);
        }
        let Some(phase) = pod.phase else { return Tick::Skip(Skip::NoStatus) };
        if matches!(phase, Phase::Failed | Phase::Succeeded) {
            return Tick::Stop;
        }
        let Some(container) = &pod.container else { return Tick::Skip(Skip::NoContainer) };
        if self.container != Some(container.id) {
            // Another container: nothing is known of it. The streak stays, as the kubelet's does.
            self.container = Some(container.id);
            self.stored = None;
            self.on_hold = false;
        }
        if self.on_hold {
            return Tick::Skip(Skip::OnHold);
        }
        let ContainerState::Running(since) = container.state else {
            self.stored = Some(Verdict::Failure);
            let restarts = pod.restart_policy != RestartPolicy::Never;
            let comes = container.state == ContainerState::Waiting || restarts;
            return if comes { Tick::Skip(Skip::NotRunning) } else { Tick::Stop };
        };
        if pod.terminating && self.kind.restarts() {
            // Nothing shall be restarted that is about to end.
            self.stored = Some(Verdict::Success);
            return Tick::Stop;
        }
        self.tick_running(now.since(since), container.started)
    }

    fn tick_running(&mut self, age: Span, started: bool) -> Tick {
        const SECOND: u64 = 1_000_000_000;
        let whole_seconds = Span::from_secs(age.as_nanos() / SECOND);
        if whole_seconds < self.settings.initial_delay {
            return Tick::Skip(Skip::TooEarly);
        }
        match (self.kind, started) {
            (ProbeKind::Startup, true) => Tick::Skip(Skip::Started),
            (ProbeKind::Startup, false) => self.probe(),
            (_, false) => Tick::Skip(Skip::NotStarted),
            (_, true) => self.probe(),
        }
    }

    fn probe(&mut self) -> Tick {
        self.under_way = true;
        Tick::Probe
    }

    /// The probe that the last tick asked for has ended. Tells if that changes the result.
    ///
    /// Panics if no probe is under way.
    pub fn outcome(&mut self, outcome: ProbeOutcome) -> Option<ResultChange> {
        assert!(self.under_way, "an outcome belongs to a probe");
        self.under_way = false;
        let (verdict, threshold) = match outcome {
            ProbeOutcome::Success => (Verdict::Success, self.settings.success_threshold),
            ProbeOutcome::Failure => (Verdict::Failure, self.settings.failure_threshold),
            ProbeOutcome::Error => return None,
        };
        self.streak = if self.last == Some(outcome) { self.streak.saturating_add(1) } else { 1 };
        self.last = Some(outcome);
        if self.streak < threshold {
            return None;
        }
        let from = self.verdict();
        self.stored = Some(verdict);
        let decided = self.kind == ProbeKind::Startup || (self.kind.restarts() && verdict == Verdict::Failure);
        if decided {
            self.on_hold = true;
            // A restarted container gets the full threshold again.
            self.streak = 0;
        }
        (from != verdict).then_some(ResultChange { kind: self.kind, from, to: verdict })
    }
}

#[cfg(test)]
mod tests;
