//! Probing: the kubelet asks each container how it is, with requests like any other.
//!
//! A probe goes from the pod's own node straight to the replica, takes a worker like every request,
//! waits in line behind them and fails when its timeout is over: an overloaded server fails its
//! probes, be it ever so healthy.

use sim_core::sim::Cx;
use sim_core::{Ticket, Time};

use super::PodId;
use super::pod::Container;
use crate::call::{Blame, Call, Origin};
use crate::heal::{Action, Ailment, Cause, Patient};
use crate::outcome::Outcome;
use crate::plan::SiteId;
use crate::pod::probe::{
    ContainerState, ContainerView, ProbeKind, ProbeOutcome, ProbeSettings, ProbedPod, Prober, Tick, Verdict,
};
use crate::pod::{ContainerId, RestartPolicy};
use crate::service::Door;
use crate::world::{Event, Fact, World};

/// A probe that all pods of a deployment have.
#[derive(Clone, Debug)]
pub struct ProbeTemplate {
    /// What it is for.
    pub kind: ProbeKind,
    /// When, how often, how many.
    pub settings: ProbeSettings,
    /// What is asked.
    pub check: ProbeCheck,
}

/// What a probe asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeCheck {
    /// Whether somebody listens.
    Listening,
    /// This request, with a timeout among its policies.
    Request(SiteId),
}

/// A probe of one pod.
#[derive(Debug)]
pub(crate) struct Probing {
    prober: Prober,
    check: ProbeCheck,
    timer: Option<Ticket>,
}

impl Probing {
    pub(crate) fn new(template: &ProbeTemplate) -> Probing {
        Probing { prober: Prober::new(template.kind, template.settings.clone()), check: template.check, timer: None }
    }
}

impl World {
    /// Probes begin with the first container; they outlast its restarts.
    pub(crate) fn begin_probing(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        for probe in 0..self.cluster.pods[pod].probes.len() {
            if self.cluster.pods[pod].probes[probe].timer.is_none() {
                self.probe(cx, pod, probe as u8);
            }
        }
    }

    pub(crate) fn stop_probing(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        for probing in &mut self.cluster.pods[pod].probes {
            if let Some(timer) = probing.timer.take() {
                cx.cancel(timer);
            }
        }
    }

    /// It is time for a probe.
    pub(crate) fn probe(&mut self, cx: &mut Cx<'_, World>, pod: PodId, probe: u8) {
        let view = self.probed(pod);
        let probing = &mut self.cluster.pods[pod].probes[usize::from(probe)];
        let (tick, check, period) =
            (probing.prober.tick(cx.now, &view), probing.check, probing.prober.settings().period);
        probing.timer = (tick != Tick::Stop).then(|| cx.after(period, Event::Probe { pod, probe }));
        match (tick, check) {
            (Tick::Probe, ProbeCheck::Listening) => {
                let listens = self.replica_of(pod).door == Door::Open;
                let outcome = if listens { ProbeOutcome::Success } else { ProbeOutcome::Failure };
                self.probe_ended(cx, pod, probe, outcome);
            }
            (Tick::Probe, ProbeCheck::Request(site)) => self.send_probe(cx, pod, probe, site),
            (Tick::Skip(_) | Tick::Stop, _) => self.judge(cx, pod),
        }
    }

    fn send_probe(&mut self, cx: &mut Cx<'_, World>, pod: PodId, probe: u8, site: SiteId) {
        let from = self.replica_of(pod).settings.place;
        let seed = self.cluster.pods[pod].draws.branch(cx.now.as_nanos());
        let call = self.begin(site, || Call {
            origin: Origin::Probe(pod, probe),
            site,
            client: 0,
            priority: 0,
            from,
            key: 0,
            deadline: Time::MAX,
            began: cx.now,
            seed,
            draws: seed.branch(0),
            open: 0,
            subset: 0,
            divided: false,
            blame: Blame::None,
            attempts: 0,
            picked: None,
            tried: None,
            sent: cx.now,
            in_flight: false,
        });
        self.admit(cx, call, 0);
    }

    /// A probe has its answer.
    pub(crate) fn probe_answered(&mut self, cx: &mut Cx<'_, World>, pod: PodId, probe: u8, outcome: Outcome) {
        if self.cluster.pods.get(pod).is_some() {
            let outcome = if outcome.is_ok() { ProbeOutcome::Success } else { ProbeOutcome::Failure };
            self.probe_ended(cx, pod, probe, outcome);
        }
    }

    fn probe_ended(&mut self, cx: &mut Cx<'_, World>, pod: PodId, probe: u8, outcome: ProbeOutcome) {
        let record = &mut self.cluster.pods[pod];
        let prober = &mut record.probes[usize::from(probe)].prober;
        let (kind, deployment) = (prober.kind(), record.deployment);
        let change = prober.outcome(outcome);
        cx.tell(Fact::Probed { deployment, kind, ok: outcome == ProbeOutcome::Success });
        match change {
            Some(change) if kind.restarts() && change.to == Verdict::Failure => self.fail(cx, pod, kind),
            _ => self.judge(cx, pod),
        }
    }

    /// A container that failed its probe is stopped, with its grace, and started again.
    fn fail(&mut self, cx: &mut Cx<'_, World>, pod: PodId, kind: ProbeKind) {
        let record = &mut self.cluster.pods[pod];
        if record.container != Container::Running || record.deleting.is_some() {
            return;
        }
        let cause = if kind == ProbeKind::Startup { Cause::StartupProbe } else { Cause::LivenessProbe };
        let patient = Patient::Pod(record.deployment, record.serial);
        record.ailment.get_or_insert(Ailment { patient, cause, action: Action::Restart, since: cx.now });
        self.stop_container(cx, pod);
    }

    /// Whether a pod may have traffic, by what is known of it and its node.
    ///
    /// A dead machine reports nothing: its pods stay what they were until it is given up.
    pub(crate) fn judge(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        let node = record.node.map(|node| &self.cluster.nodes[node.0 as usize]);
        if node.is_some_and(|node| !node.alive && node.ready) {
            return;
        }
        let container = ContainerId(record.restarts);
        let passed = |kind: ProbeKind| {
            let mut probes = record.probes.iter().filter(|probing| probing.prober.kind() == kind);
            probes.all(|probing| probing.prober.verdict_of(container) == Verdict::Success)
        };
        let node_ready = node.is_some_and(|node| node.ready);
        let runs = matches!(record.container, Container::Running | Container::Stopping);
        let gates = [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Deep];
        let ready = node_ready && runs && gates.into_iter().all(passed);
        self.set_ready(cx, pod, ready);
    }

    /// A pod as its probers see it.
    fn probed(&self, pod: PodId) -> ProbedPod {
        let record = &self.cluster.pods[pod];
        // The next container gets its id when it starts: results of the last one stand until then.
        let waits = record.container == Container::Waiting;
        let id = ContainerId(record.restarts.saturating_sub(u32::from(waits)));
        let state = match record.container {
            Container::Waiting => ContainerState::Waiting,
            Container::Running | Container::Stopping => ContainerState::Running(record.container_started),
            Container::Terminated => ContainerState::Terminated,
        };
        let mut startup = record.probes.iter().filter(|probing| probing.prober.kind() == ProbeKind::Startup);
        let started = startup.all(|probing| probing.prober.verdict_of(id) == Verdict::Success);
        ProbedPod {
            phase: Some(record.phase),
            terminating: record.deleting.is_some(),
            restart_policy: RestartPolicy::Always,
            container: Some(ContainerView { id, state, started }),
        }
    }
}
