//! The scheduler: takes one waiting pod after the other, filters nodes, scores them, binds.
//!
//! ```text
//! push ──> active ──next──> filter ──> score ──> Bind
//!             ^                └─ none fits ──> Preempt or Unschedulable ──> parked
//!             └──── back-off <──── an event that may help <─────────────────────┘
//! ```
//!
//! Source: `pkg/scheduler/schedule_one.go`. Not all nodes of a large cluster are looked at: the
//! search starts where the last one ended and stops at enough nodes. A pod that is bound counts at
//! once; binding never fails here.

use std::collections::BTreeMap;

use sim_core::{Rng, Time};

use super::chain::FilterChain;
use super::class::{ClassId, ClassSpec, PodKey};
use super::cluster::Cluster;
use super::node::{NodeSpec, Placed};
use super::plugin::FilterPlugin;
use super::queue::{Queue, Unplaced};
use super::ranking::Ranking;
use super::reasons::Unfit;
use super::settings::SchedulerSettings;
use super::taints::Taint;
use crate::place::NodeId;

/// What came of trying to place a pod.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// The pod runs there; the scheduler counts it already.
    Bind {
        /// The pod.
        pod: PodKey,
        /// Its class.
        class: ClassId,
        /// Its node.
        node: NodeId,
    },
    /// The pod would run there if the victims left: end them. It waits for that, and its place is kept
    /// from weaker pods.
    Preempt {
        /// The pod.
        pod: PodKey,
        /// The node.
        node: NodeId,
        /// The pods that have to go.
        victims: Vec<PodKey>,
    },
    /// The pod fits nowhere; it waits.
    Unschedulable {
        /// The pod.
        pod: PodKey,
        /// Why.
        unfit: Unfit,
    },
}

/// Places pods on nodes as kube-scheduler does.
pub struct Scheduler {
    pub(super) settings: SchedulerSettings,
    pub(super) cluster: Cluster,
    pub(super) ties: Rng,
    pub(super) filters: FilterChain,
    pub(super) ranking: Ranking,
    queue: Queue,
    /// Pods for which others were asked to leave, and where.
    pub(super) nominations: BTreeMap<PodKey, (ClassId, NodeId)>,
    pub(super) next_start: usize,
    pub(super) feasible: Vec<NodeId>,
    pub(super) chunk: Vec<NodeId>,
}

impl Scheduler {
    /// A scheduler of an empty cluster; `ties` decides between equal nodes. The settings have been
    /// checked.
    pub fn new(settings: &SchedulerSettings, ties: Rng) -> Scheduler {
        let settings = settings.clone();
        Scheduler {
            cluster: Cluster::new(settings.default_spread.clone()),
            filters: FilterChain::new(&settings.filters),
            ranking: Ranking::new(&settings.scores),
            queue: Queue::new(settings.pod_initial_backoff, settings.pod_max_backoff, settings.unschedulable_flush),
            nominations: BTreeMap::new(),
            next_start: 0,
            feasible: Vec::new(),
            chunk: Vec::new(),
            ties,
            settings,
        }
    }

    /// The filters of its profile.
    pub fn filters(&self) -> &[FilterPlugin] {
        &self.settings.filters
    }

    /// What is known of the cluster; clone it to try things out.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Registers a class of pods.
    pub fn add_class(&mut self, class: ClassSpec) -> ClassId {
        self.cluster.add_class(class)
    }

    /// The cluster, to register budgets and images. Nodes and pods come and go through the scheduler,
    /// which wakes those that wait.
    pub fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// Adds a node; ids count up from 0 and are never given twice.
    pub fn add_node(&mut self, now: Time, node: &NodeSpec) -> NodeId {
        let id = self.cluster.add_node(node);
        self.node_changed(now, id);
        id
    }

    /// Takes a node away and answers with the pods that were on it, which are gone with it.
    pub fn remove_node(&mut self, now: Time, node: NodeId) -> Vec<Placed> {
        let pods = self.cluster.remove_node(node);
        self.nominations.retain(|_, (_, nominated)| *nominated != node);
        self.wake_where(now, |scheduler, class, refused_by| {
            // Where the emptiest domain was, there may be none now.
            let beyond = scheduler.filters.any_looks_beyond(refused_by);
            beyond && !scheduler.cluster.classes[class.index()].hard_spread.is_empty()
                || pods.iter().any(|placed| scheduler.cluster.concerns(class, placed.class))
        });
        pods
    }

    /// Closes a node to new pods, or opens it again.
    pub fn set_cordoned(&mut self, now: Time, node: NodeId, cordoned: bool) {
        self.cluster.set_cordoned(node, cordoned);
        self.node_changed(now, node);
    }

    /// Says whether a node is well; one that is not has the taint node.kubernetes.io/not-ready.
    pub fn set_ready(&mut self, now: Time, node: NodeId, ready: bool) {
        self.cluster.set_ready(node, ready);
        self.node_changed(now, node);
    }

    /// Gives a node other taints.
    pub fn set_taints(&mut self, now: Time, node: NodeId, taints: Vec<Taint>) {
        self.cluster.set_taints(node, taints);
        self.node_changed(now, node);
    }

    /// A pod waits for a node. Panics if it does already.
    pub fn push(&mut self, now: Time, pod: PodKey, class: ClassId) {
        self.queue.push(pod, class, self.cluster.class(class).priority, now);
    }

    /// A waiting pod is wanted no more; answers whether it was waiting.
    pub fn remove_pending(&mut self, pod: PodKey) -> bool {
        self.nominations.remove(&pod);
        self.queue.done(pod)
    }

    /// A pod is gone from its node, which may help those that wait; answers whether it was there.
    pub fn release(&mut self, now: Time, pod: PodKey, node: NodeId) -> bool {
        if !self.cluster.has_node(node) {
            return false;
        }
        let Some(placed) = self.cluster.unbind(pod, node) else { return false };
        self.pod_left(now, placed.class, node);
        true
    }

    /// A pod has begun to end: it keeps what it holds, but no longer counts for spreading.
    pub fn set_terminating(&mut self, now: Time, pod: PodKey, node: NodeId) {
        if self.cluster.has_node(node) && self.cluster.set_terminating(pod, node, now) {
            self.wake_where(now, |scheduler, class, refused_by| {
                scheduler.filters.any_looks_beyond(refused_by)
                    && !scheduler.cluster.classes[class.index()].hard_spread.is_empty()
            });
        }
    }

    /// How many pods wait for a node.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }

    /// The pods that were tried in vain, by key: what a cluster autoscaler adds nodes for. Pods for
    /// which victims are leaving have a place in view and are not among them.
    pub fn unplaced(&self) -> impl Iterator<Item = Unplaced> + '_ {
        self.queue.tried().filter(|unplaced| !self.nominations.contains_key(&unplaced.pod))
    }

    /// Why those are unplaced, as things are now: for each class, how many pods, and what is wrong with
    /// the nodes.
    pub fn misfits(&mut self) -> Vec<(ClassId, u32, Unfit)> {
        let mut classes: Vec<(ClassId, PodKey, u32)> = Vec::new();
        for Unplaced { pod, class, .. } in self.unplaced() {
            match classes.iter_mut().find(|(other, ..)| *other == class) {
                Some((.., pods)) => *pods += 1,
                None => classes.push((class, pod, 1)),
            }
        }
        classes.into_iter().map(|(class, pod, pods)| (class, pods, self.explain(pod, class).unfit)).collect()
    }

    /// Whether a pod waits for a node, tried or not.
    pub fn is_pending(&self, pod: PodKey) -> bool {
        self.queue.contains(pod)
    }

    /// Whether [`next`](Scheduler::next) would try a pod now.
    pub fn has_active(&self) -> bool {
        self.queue.has_active()
    }

    /// When a pod will be tried again even if nothing changes: its back-off is over, or it has waited
    /// for long.
    pub fn wake_at(&self) -> Option<Time> {
        self.queue.wake_at()
    }

    /// Tries to place one pod; `None` if none is to be tried now.
    pub fn next(&mut self, now: Time) -> Option<Attempt> {
        self.queue.wake(now);
        let (pod, class) = self.queue.pop()?;
        self.find(pod, class);
        if let Some(node) = self.select(class) {
            return Some(self.bind(now, pod, class, node));
        }
        let misfit = self.explain(pod, class);
        self.queue.park(pod, now, misfit.refused_by);
        let Some(candidate) = self.preempt(pod, class, &misfit.potential) else {
            self.nominations.remove(&pod);
            return Some(Attempt::Unschedulable { pod, unfit: misfit.unfit });
        };
        self.nominate(now, pod, class, candidate.node);
        let victims = candidate.victims.iter().map(|victim| victim.pod).collect();
        Some(Attempt::Preempt { pod, node: candidate.node, victims })
    }

    fn bind(&mut self, now: Time, pod: PodKey, class: ClassId, node: NodeId) -> Attempt {
        self.queue.done(pod);
        self.nominations.remove(&pod);
        self.cluster.bind(pod, class, node, now);
        self.wake_where(now, |scheduler, parked, _| scheduler.cluster.concerns(parked, class));
        Attempt::Bind { pod, class, node }
    }

    /// Keeps a place for a pod; weaker ones for which it had been kept look elsewhere.
    fn nominate(&mut self, now: Time, pod: PodKey, class: ClassId, node: NodeId) {
        let priority = self.cluster.class(class).priority;
        let is_weaker = |&(other, at): &(ClassId, NodeId)| at == node && self.cluster.class(other).priority < priority;
        let weaker: Vec<PodKey> =
            self.nominations.iter().filter(|(_, nominated)| is_weaker(nominated)).map(|(&pod, _)| pod).collect();
        for other in weaker {
            self.nominations.remove(&other);
            self.queue.wake_pod(other, now);
        }
        self.nominations.insert(pod, (class, node));
    }

    pub(super) fn nominated_node(&self, pod: PodKey) -> Option<NodeId> {
        self.nominations.get(&pod).map(|&(_, node)| node)
    }

    /// A node has come, or takes pods that it did not take before.
    fn node_changed(&mut self, now: Time, node: NodeId) {
        self.wake_where(now, |scheduler, class, refused_by| {
            scheduler.filters.any_looks_beyond(refused_by)
                || scheduler.filters.fits(&scheduler.cluster, class, node).is_ok()
        });
    }

    fn pod_left(&mut self, now: Time, left: ClassId, node: NodeId) {
        self.wake_where(now, |scheduler, class, _| {
            scheduler.cluster.concerns(class, left) || scheduler.filters.fits(&scheduler.cluster, class, node).is_ok()
        });
    }

    /// Wakes the parked pods of the classes for which something may help.
    fn wake_where(&mut self, now: Time, helps: impl Fn(&mut Scheduler, ClassId, u32) -> bool) {
        let parked: Vec<(ClassId, u32)> = self.queue.parked().collect();
        for (class, refused_by) in parked {
            if helps(self, class, refused_by) {
                self.queue.wake_class(class, now);
            }
        }
    }
}
