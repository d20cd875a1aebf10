//! Scheduling: pods that wait are placed on nodes, and nodes of pools come and go.

use sim_core::sim::Cx;
use sim_core::{Rng, Time};

use super::{Cluster, Command, DeploymentId, Node, PodId, Provision};
use crate::heal::Cause;
use crate::place::{NodeId, Place};
use crate::schedule::{Attempt, ClassId, ClassSpec, NodeSpec, PodKey, Scheduler, SchedulerSettings, Selector, Unfit};
use crate::slots::SlotId;
use crate::world::{Event, Fact, World};

/// A pool's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u16);

/// What all nodes of a pool have in common.
#[derive(Clone, Debug)]
pub struct Pool {
    /// What a node of it is like, but for its name and place.
    pub node: NodeSpec,
    /// What the names of its nodes begin with.
    pub name: String,
    /// Where its nodes are, in turn: the place, and the labels that say so.
    pub places: Vec<(Place, Vec<(String, String)>)>,
    /// How its nodes come and go.
    pub provision: Provision,
    /// How many nodes it has had.
    pub(crate) made: u32,
    /// Whose turn it is among its places.
    turn: usize,
}

impl Pool {
    /// A pool of such nodes at these places, in turn.
    pub fn new(name: &str, node: NodeSpec, places: Vec<(Place, Vec<(String, String)>)>, provision: Provision) -> Pool {
        assert!(!places.is_empty(), "nodes are somewhere");
        Pool { node, name: name.to_owned(), places, provision, made: 0, turn: 0 }
    }
}

impl World {
    /// Lets pods be placed on the nodes of pools by a scheduler; `ties` decides between equal nodes.
    ///
    /// To be called before pools and deployments are added.
    pub fn with_scheduler(mut self, settings: &SchedulerSettings, ties: Rng) -> World {
        self.cluster.scheduler = Some(Scheduler::new(settings, ties));
        self
    }

    /// Adds a pool with so many nodes. Panics without a scheduler.
    pub fn add_pool(&mut self, pool: Pool, count: u32) -> PoolId {
        let id = PoolId(u16::try_from(self.cluster.pools.len()).expect("more than 65,536 pools"));
        self.cluster.pools.push(pool);
        let others = self.cluster.hours.len() - 1;
        self.cluster.hours.insert(others, 0.0);
        (0..count).for_each(|_| _ = self.add_node(Time::ZERO, id));
        id
    }

    /// A node joins a pool.
    pub(crate) fn add_node(&mut self, now: Time, id: PoolId) -> NodeId {
        let pool = &mut self.cluster.pools[usize::from(id.0)];
        // The next place in turn at which machines can be had.
        let lost = &self.cluster.lost_zones;
        let turns = (0..pool.places.len()).map(|ahead| (pool.turn + ahead) % pool.places.len());
        let turn = turns.clone().find(|&turn| !lost.contains(&pool.places[turn].0.zone)).unwrap_or(pool.turn);
        pool.turn = (turn + 1) % pool.places.len();
        let (place, labels) = &pool.places[turn];
        let mut spec = pool.node.named(&format!("{}-{}", pool.name, pool.made));
        spec.labels.extend(labels.iter().cloned());
        pool.made += 1;
        let mut node = Node::new(now, Place { node: NodeId(self.cluster.nodes.len() as u32), ..*place });
        (node.pool, node.allocatable) = (Some(id.0), spec.allocatable);
        let scheduler = self.cluster.scheduler.as_mut().expect("a world with pools has a scheduler");
        let node_id = scheduler.add_node(now, &spec);
        assert!(node_id.0 as usize == self.cluster.nodes.len(), "scheduler and cluster count nodes alike");
        self.cluster.nodes.push(node);
        node_id
    }

    /// Registers the pods of a deployment with the scheduler; its labels must be its own.
    pub fn set_class(&mut self, id: DeploymentId, class: ClassSpec) {
        let scheduler = self.cluster.scheduler.as_mut().expect("classes are for a scheduler");
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        if deployment.template.budget.is_some() {
            let labels = class.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let selector = Selector::labels(labels);
            deployment.budget = Some(scheduler.cluster_mut().add_budget(&class.namespace, selector));
        }
        deployment.class = Some(scheduler.add_class(class));
    }

    fn class_of(&self, pod: PodId) -> Option<ClassId> {
        self.cluster.deployments[usize::from(self.cluster.pods[pod].deployment.0)].class
    }

    /// A new pod waits for a node. False if there is no scheduler to find one.
    pub(crate) fn await_node(&mut self, now: Time, pod: PodId) -> bool {
        let Some(class) = self.class_of(pod) else { return false };
        let Some(scheduler) = &mut self.cluster.scheduler else { return false };
        scheduler.push(now, PodKey(pod.word()), class);
        true
    }

    /// Places the pods that are there when the run begins; they run at once.
    pub(crate) fn place_first_pods(&mut self, cx: &mut Cx<'_, World>) {
        while let Some(attempt) = self.cluster.scheduler.as_mut().and_then(|scheduler| scheduler.next(cx.now)) {
            match attempt {
                Attempt::Bind { pod, node, .. } => {
                    let pod = SlotId::from_word(pod.0);
                    self.cluster.pods[pod].assigned = Some(node);
                    self.occupy(cx, pod, node);
                    self.begin_running(cx, pod);
                }
                Attempt::Preempt { .. } => {}
                Attempt::Unschedulable { pod, .. } => self.tell_unschedulable(cx, pod),
            }
        }
        self.schedule(cx);
    }

    /// The scheduler tries the pods that are to be tried now.
    pub(crate) fn schedule(&mut self, cx: &mut Cx<'_, World>) {
        let Some(scheduler) = &mut self.cluster.scheduler else { return };
        if !scheduler.has_active() && scheduler.wake_at().is_none_or(|at| at > cx.now) {
            return self.wake_scheduler(cx);
        }
        self.set_budgets();
        while let Some(attempt) = self.cluster.scheduler.as_mut().and_then(|scheduler| scheduler.next(cx.now)) {
            match attempt {
                Attempt::Bind { pod, node, .. } => {
                    let pod = SlotId::from_word(pod.0);
                    self.cluster.pods[pod].assigned = Some(node);
                    self.command(cx, Command::Bind { pod, node });
                }
                Attempt::Preempt { victims, .. } => {
                    for victim in victims {
                        self.doom(cx, SlotId::from_word(victim.0), Some(Cause::Preempted));
                    }
                }
                Attempt::Unschedulable { pod, .. } => self.tell_unschedulable(cx, pod),
            }
        }
        self.wake_scheduler(cx);
    }

    fn tell_unschedulable(&self, cx: &mut Cx<'_, World>, pod: PodKey) {
        let deployment = self.cluster.pods[SlotId::from_word(pod.0)].deployment;
        cx.tell(Fact::Unschedulable { deployment });
    }

    /// The pods that no node takes, as things are now: of which deployment, how many, and why, in
    /// kube-scheduler's words.
    pub fn unplaced(&mut self) -> Vec<(DeploymentId, u32, Unfit)> {
        let Cluster { scheduler, deployments, .. } = &mut self.cluster;
        let misfits = scheduler.as_mut().map_or_else(Vec::new, Scheduler::misfits);
        let of = |class: ClassId| deployments.iter().position(|one| one.class == Some(class));
        let of = |class: ClassId| DeploymentId(of(class).expect("each class is a deployment's") as u16);
        misfits.into_iter().map(|(class, pods, unfit)| (of(class), pods, unfit)).collect()
    }

    /// Sees to it that the scheduler looks again when something in it is due.
    fn wake_scheduler(&mut self, cx: &mut Cx<'_, World>) {
        let wake_at = self.cluster.scheduler.as_ref().and_then(Scheduler::wake_at);
        if self.cluster.wake.map(|(at, _)| at) == wake_at {
            return;
        }
        if let Some((_, ticket)) = self.cluster.wake.take() {
            cx.cancel(ticket);
        }
        self.cluster.wake = wake_at.map(|at| (at, cx.at(at.max(cx.now), Event::Schedule)));
    }

    /// It is time to look again.
    pub(crate) fn schedule_again(&mut self, cx: &mut Cx<'_, World>) {
        self.cluster.wake = None;
        self.schedule(cx);
    }

    /// A pod goes to a node, if both still exist.
    pub(crate) fn bind(&mut self, cx: &mut Cx<'_, World>, pod: PodId, node: NodeId) -> bool {
        let waits =
            self.cluster.pods.get(pod).is_some_and(|record| record.replica.is_none() && record.deleting.is_none());
        if !waits {
            return false;
        }
        if self.node(node).removed {
            self.cluster.pods[pod].assigned = None;
            self.await_node(cx.now, pod);
            self.schedule(cx);
            return false;
        }
        self.occupy(cx, pod, node);
        if self.node(node).alive {
            self.fetch(cx, pod);
        } else {
            // Nobody is there to fetch anything, but that is not known yet.
            self.end_container(cx, pod, None);
        }
        true
    }

    /// The scheduler forgets a pod, and what it held is free.
    pub(crate) fn unschedule(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let assigned = self.cluster.pods[pod].assigned;
        let Some(scheduler) = &mut self.cluster.scheduler else { return };
        match assigned {
            Some(node) => _ = scheduler.release(cx.now, PodKey(pod.word()), node),
            None => _ = scheduler.remove_pending(PodKey(pod.word())),
        }
    }

    /// The scheduler learns how many pods may be taken away for others.
    fn set_budgets(&mut self) {
        for index in 0..self.cluster.deployments.len() {
            let Some(id) = self.cluster.deployments[index].budget else { continue };
            let allowed = self.budget(DeploymentId(index as u16)).map_or(0, |status| status.allowed);
            if let Some(scheduler) = &mut self.cluster.scheduler {
                scheduler.cluster_mut().set_allowed(id, allowed);
            }
        }
    }
}
