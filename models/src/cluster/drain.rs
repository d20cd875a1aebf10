//! Emptying nodes on purpose: cordon, evict as budgets allow, and let the node go if it is to go.
//!
//! As `kubectl drain` does it: an eviction that a budget forbids is asked for again after a while.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::{Deployment, DeploymentId, PodId};
use crate::cluster_autoscaler::defaults::LONG_TERMINATING_EXTRA;
use crate::heal::{Action, Ailment, Cause, Healing, Patient};
use crate::place::NodeId;
use crate::pod::budget::{BudgetStatus, Guarded};
use crate::world::{Event, Fact, World};

/// From an eviction that was refused until it is asked for again (kubectl).
const RETRY: Span = Span::from_secs(5);

impl World {
    /// A node takes no more pods, and those on it are to go.
    pub(crate) fn drain(&mut self, cx: &mut Cx<'_, World>, id: NodeId, cause: Cause) {
        let node = self.node(id);
        (node.cordoned, node.is_struck) = (true, true);
        self.cordon(cx, id, true);
        let node = self.node(id);
        let ailment = Ailment { patient: Patient::Node(id), cause, action: Action::Drain, since: cx.now };
        node.drain.get_or_insert(ailment);
        self.drain_on(cx, id);
    }

    /// Asks for the eviction of what is left on a node that is being drained.
    pub(crate) fn drain_on(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let Some(ailment) = self.node(id).drain else { return };
        let mut refused = false;
        for pod in self.node(id).pods.clone() {
            let record = &self.cluster.pods[pod];
            if record.deleting.is_some() || record.doomed {
                continue;
            }
            let (deployment, phase, ready) = (record.deployment, record.phase, record.ready);
            match self.budget(deployment).is_none_or(|mut budget| budget.evict(phase, ready)) {
                true => self.doom(cx, pod, Some(ailment.cause)),
                false => refused = true,
            }
        }
        self.drain_done(cx, id);
        let node = self.node(id);
        // Whoever takes a machine away also looks whether what is left there will ever end.
        if node.drain.is_some() && (refused || node.leaving.is_some()) {
            cx.after(RETRY, Event::Drain(id));
        }
    }

    /// Whether all that is left on a node was to end so long ago that whoever takes the machine away
    /// no longer waits for it: its kubelet is dead.
    fn is_forsaken(&self, now: Time, id: NodeId) -> bool {
        let is_over = |pod: &PodId| {
            let record = &self.cluster.pods[*pod];
            let grace = self.cluster.deployments[usize::from(record.deployment.0)].template.termination.grace_period;
            record.deleting.is_some_and(|since| since + grace + LONG_TERMINATING_EXTRA < now)
        };
        let node = &self.cluster.nodes[id.0 as usize];
        node.leaving.is_some() && node.pods.iter().all(is_over)
    }

    /// If nothing is left on a node that is being drained, that is done.
    pub(crate) fn drain_done(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let is_forsaken = self.is_forsaken(cx.now, id);
        let node = self.node(id);
        if (node.pods.is_empty() || is_forsaken)
            && let Some(ailment) = node.drain.take()
        {
            cx.tell(Fact::Healed(Healing { ailment, success: true, took: cx.now.since(ailment.since) }));
            self.leave(cx, id);
        }
    }

    /// A node takes pods again.
    pub(crate) fn uncordon(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let node = self.node(id);
        let goes = node.leaving.is_some() || node.drain.is_some_and(|drain| drain.cause == Cause::Reclaimed);
        if node.removed || goes {
            return;
        }
        let node = self.node(id);
        node.cordoned = false;
        if let Some(ailment) = node.drain.take() {
            cx.tell(Fact::Healed(Healing { ailment, success: false, took: cx.now.since(ailment.since) }));
        }
        self.cordon(cx, id, false);
        self.schedule(cx);
    }

    /// The scheduler sends no pods to a node, or does again.
    fn cordon(&mut self, cx: &mut Cx<'_, World>, id: NodeId, cordoned: bool) {
        if let Some(scheduler) = &mut self.cluster.scheduler {
            scheduler.set_cordoned(cx.now, id, cordoned);
        }
    }

    /// The provider takes a node back after a notice, of which whoever can makes use.
    pub(crate) fn reclaim(&mut self, cx: &mut Cx<'_, World>, id: NodeId, notice: Span) {
        self.drain(cx, id, Cause::Reclaimed);
        cx.after(notice, Event::Remove(id));
    }

    /// A node leaves the cluster, and what is on it dies.
    pub(crate) fn remove_node(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let node = self.node(id);
        if node.removed {
            return;
        }
        let drain = node.drain.take();
        if let Some(ailment) = drain {
            let success = node.pods.is_empty();
            cx.tell(Fact::Healed(Healing { ailment, success, took: cx.now.since(ailment.since) }));
        }
        let cause = drain.map_or(Cause::NodeLost, |ailment| ailment.cause);
        self.node_healed(cx, id, false);
        self.retire(cx.now, id);
        if let Some(scheduler) = &mut self.cluster.scheduler {
            scheduler.remove_node(cx.now, id);
        }
        for pod in self.node(id).pods.clone() {
            self.end_container(cx, pod, None);
            self.delete_pod(cx, pod, Some(cause));
            // On a machine that was silent it would wait for the kubelet's word.
            if self.cluster.pods.get(pod).is_some() {
                self.remove_pod(cx, pod);
            }
        }
        self.schedule(cx);
    }

    /// Where the budget stands that a deployment shares with all others of its service, if there is one.
    pub(crate) fn budget(&self, id: DeploymentId) -> Option<BudgetStatus> {
        let Deployment { service, template, .. } = &self.cluster.deployments[usize::from(id.0)];
        let budget = template.budget?;
        let all = || self.cluster.deployments.iter().filter(|other| other.service == *service);
        let healthy = |pod: &&PodId| {
            let record = &self.cluster.pods[**pod];
            record.ready && record.deleting.is_none() && !record.doomed
        };
        let healthy = all().flat_map(|one| &one.pods).filter(healthy).count() as u32;
        let scales: Vec<u32> = all().map(|one| one.desired).collect();
        Some(budget.status(&Guarded { pods: all().map(|one| one.active).sum(), healthy, scales: &scales }))
    }
}
