//! What the scheduler knows of the cluster: nodes, classes of pods, and which pods lie where.
//!
//! kube-scheduler takes a snapshot of its cache for each pod and counts anew; here all counts are
//! kept as pods come and go, and a clone is a fork in which others (the cluster autoscaler) may
//! try things out. Nothing here decides.

use std::sync::Arc;

use sim_core::{Bytes, Cores, Time};

use super::budgets::Budget;
use super::class::{ClassId, ClassSpec, PodKey};
use super::columns::{Columns, KeyId, NONE};
use super::images::Images;
use super::node::{NodeSpec, Nodes, Placed};
use super::register::{Class, OwnedTerm};
use super::settings::DefaultSpread;
use super::taints::{Taint, TaintLists, Tolerance};
use super::tally::{Domains, Eligibility, Tally, TallyId};
use crate::place::NodeId;
use crate::pod::Resources;

/// The index of processor among the resources.
pub(super) const CPU: usize = 0;
/// The index of memory among the resources.
pub(super) const MEMORY: usize = 1;

/// What all nodes have and have given of one resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Amounts {
    pub(super) allocatable: Vec<i64>,
    pub(super) requested: Vec<i64>,
}

/// Nodes, classes of pods, and which pods lie where.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub(super) nodes: Nodes,
    pub(super) classes: Vec<Class>,
    pub(super) columns: Columns,
    pub(super) resource_names: Arc<Vec<String>>,
    pub(super) resources: Vec<Amounts>,
    /// What is requested of processor and memory if what is not stated counts 100m and 200 MiB.
    pub(super) scored: [Vec<i64>; 2],
    pub(super) taints: TaintLists,
    pub(super) tallies: Vec<Tally>,
    pub(super) terms: Vec<OwnedTerm>,
    pub(super) budgets: Vec<Budget>,
    pub(super) images: Images,
    pub(super) cordoned: usize,
    pub(super) default_spread: DefaultSpread,
}

impl Cluster {
    /// An empty cluster, where classes without spread constraints follow `default_spread`.
    pub fn new(default_spread: DefaultSpread) -> Cluster {
        Cluster {
            default_spread,
            nodes: Nodes::default(),
            classes: Vec::new(),
            columns: Columns::default(),
            resource_names: Arc::new(vec!["cpu".to_owned(), "memory".to_owned()]),
            resources: vec![Amounts::default(), Amounts::default()],
            scored: [Vec::new(), Vec::new()],
            taints: TaintLists::default(),
            tallies: Vec::new(),
            terms: Vec::new(),
            budgets: Vec::new(),
            images: Images::default(),
            cordoned: 0,
        }
    }

    /// Adds a node; ids count up from 0 and are never given twice.
    pub fn add_node(&mut self, spec: &NodeSpec) -> NodeId {
        let id = self.nodes.push(spec);
        let node = id.0 as usize;
        self.columns.push(&spec.labels);
        for amounts in &mut self.resources {
            amounts.allocatable.push(0);
            amounts.requested.push(0);
        }
        for scored in &mut self.scored {
            scored.push(0);
        }
        self.resources[CPU].allocatable[node] = to_amount(spec.allocatable.cpu.as_milli());
        self.resources[MEMORY].allocatable[node] = to_amount(spec.allocatable.memory.count());
        for (name, amount) in &spec.extended {
            let resource = self.resource(name);
            self.resources[resource].allocatable[node] = to_amount(*amount);
        }
        for class in &mut self.classes {
            class.push_node(&spec.labels);
        }
        self.images.push_node(&spec.images);
        self.cordoned += usize::from(spec.cordoned);
        self.mark(node);
        self.settle(node, |_| true);
        id
    }

    /// Takes a node away and answers with the pods that were on it, which are gone with it.
    pub fn remove_node(&mut self, id: NodeId) -> Vec<Placed> {
        let node = self.index(id);
        let pods = self.nodes.pods[node].clone();
        for placed in &pods {
            self.unbind(placed.pod, id);
        }
        self.cordoned -= usize::from(self.nodes.cordoned[node]);
        self.nodes.remove(id);
        self.images.remove_node(node);
        self.settle(node, |_| true);
        pods
    }

    /// Acts as if a node had left, until it is put back; its pods must have been taken off.
    pub(crate) fn set_aside(&mut self, id: NodeId) {
        let node = self.index(id);
        assert!(self.nodes.pods[node].is_empty(), "a node that is set aside is empty");
        self.nodes.remove(id);
        self.settle(node, |_| true);
    }

    /// Undoes [`set_aside`](Cluster::set_aside).
    pub(crate) fn put_back(&mut self, id: NodeId) {
        self.nodes.restore(id);
        self.settle(id.0 as usize, |_| true);
    }

    /// Closes a node to new pods, or opens it again.
    pub fn set_cordoned(&mut self, id: NodeId, cordoned: bool) {
        let node = self.index(id);
        self.cordoned -= usize::from(self.nodes.cordoned[node]);
        self.cordoned += usize::from(cordoned);
        self.nodes.cordoned[node] = cordoned;
    }

    /// Says whether a node is well; one that is not has the taint node.kubernetes.io/not-ready.
    pub fn set_ready(&mut self, id: NodeId, ready: bool) {
        let node = self.index(id);
        self.nodes.ready[node] = ready;
        self.retaint(node);
    }

    /// Gives a node other taints.
    pub fn set_taints(&mut self, id: NodeId, taints: Vec<Taint>) {
        let node = self.index(id);
        self.nodes.marks[node] = taints;
        self.retaint(node);
    }

    /// A node has loaded an image.
    pub fn add_image(&mut self, id: NodeId, name: &str, size: Bytes) {
        let node = self.index(id);
        self.images.add(node, name, size);
    }

    /// Puts a pod on a node, whether it fits or not.
    pub fn bind(&mut self, pod: PodKey, class: ClassId, node: NodeId, now: Time) {
        self.place(Placed { pod, class, start: now, ending: None }, node);
    }

    /// Puts a pod that was taken off a node before (back) on one, as it was.
    pub(crate) fn place(&mut self, placed: Placed, id: NodeId) {
        let node = self.index(id);
        let class = &mut self.classes[placed.class.index()];
        for &(resource, amount) in &class.requests {
            self.resources[resource].requested[node] += amount;
        }
        for (scored, amount) in self.scored.iter_mut().zip(class.scored) {
            scored[node] += amount;
        }
        class.placed[node] += 1;
        class.pods += 1;
        class.ending[node] += u32::from(placed.ending.is_some());
        for &tally in &class.counted_in {
            let tally = &mut self.tallies[tally.index()];
            if !(tally.living && placed.ending.is_some()) {
                tally.add(node);
            }
        }
        self.nodes.ports[node].extend(&class.spec.host_ports);
        self.nodes.pods[node].push(placed);
        self.nodes.changes[node] = self.nodes.changes[node].wrapping_add(1);
    }

    /// Takes a pod off a node; `None` if it is not there.
    pub fn unbind(&mut self, pod: PodKey, id: NodeId) -> Option<Placed> {
        let node = self.index(id);
        let at = self.nodes.pods[node].iter().position(|placed| placed.pod == pod)?;
        let placed = self.nodes.pods[node].remove(at);
        self.nodes.changes[node] = self.nodes.changes[node].wrapping_add(1);
        let class = &mut self.classes[placed.class.index()];
        for &(resource, amount) in &class.requests {
            self.resources[resource].requested[node] -= amount;
        }
        for (scored, amount) in self.scored.iter_mut().zip(class.scored) {
            scored[node] -= amount;
        }
        class.placed[node] -= 1;
        class.pods -= 1;
        class.ending[node] -= u32::from(placed.ending.is_some());
        for &tally in &class.counted_in {
            let tally = &mut self.tallies[tally.index()];
            if !(tally.living && placed.ending.is_some()) {
                tally.subtract(node);
            }
        }
        for port in &class.spec.host_ports {
            let ports = &mut self.nodes.ports[node];
            let at = ports.iter().position(|used| used == port).expect("a pod's ports are in use");
            ports.swap_remove(at);
        }
        Some(placed)
    }

    /// A pod has begun to end: it keeps what it holds, but no longer counts for spreading. Answers
    /// whether it is there.
    pub fn set_terminating(&mut self, pod: PodKey, id: NodeId, now: Time) -> bool {
        let node = self.index(id);
        let Some(placed) = self.nodes.pods[node].iter_mut().find(|placed| placed.pod == pod) else { return false };
        if placed.ending.replace(now).is_none() {
            let class = &mut self.classes[placed.class.index()];
            class.ending[node] += 1;
            for &tally in &class.counted_in {
                let tally = &mut self.tallies[tally.index()];
                if tally.living {
                    tally.subtract(node);
                }
            }
        }
        true
    }

    /// The nodes that are here, zone after zone in turn.
    pub fn nodes(&self) -> &[NodeId] {
        self.nodes.order()
    }

    /// Whether a node is here.
    pub fn has_node(&self, id: NodeId) -> bool {
        self.nodes.here.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// The pods on a node, in the order in which they came.
    pub fn pods(&self, id: NodeId) -> &[Placed] {
        &self.nodes.pods[id.0 as usize]
    }

    /// What the pods of a node may ask for in all.
    pub fn allocatable(&self, id: NodeId) -> Resources {
        self.amounts(id, |amounts| &amounts.allocatable)
    }

    /// What the pods of a node ask for.
    pub fn requested(&self, id: NodeId) -> Resources {
        self.amounts(id, |amounts| &amounts.requested)
    }

    /// A class as it was registered.
    pub fn class(&self, class: ClassId) -> &ClassSpec {
        &self.classes[class.index()].spec
    }

    /// What a pod of a class asks for: its containers, or the largest of its init containers.
    pub fn requests(&self, class: ClassId) -> Resources {
        let of = |wanted| {
            let found = self.classes[class.index()].requests.iter().find(|(resource, _)| *resource == wanted);
            found.map_or(0, |(_, amount)| amount.unsigned_abs())
        };
        Resources { cpu: Cores::milli(of(CPU)), memory: Bytes::new(of(MEMORY)) }
    }

    /// The index of a resource, which need not be on any node yet.
    pub(super) fn resource(&mut self, name: &str) -> usize {
        let known = self.resource_names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            let none = vec![0; self.nodes.here.len()];
            Arc::make_mut(&mut self.resource_names).push(name.to_owned());
            self.resources.push(Amounts { allocatable: none.clone(), requested: none });
            self.resources.len() - 1
        })
    }

    pub(super) fn tally(&self, id: TallyId) -> &Tally {
        &self.tallies[id.index()]
    }

    pub(super) fn values(&self, key: KeyId) -> &[u32] {
        self.columns.values(key)
    }

    /// What the taints of a node are to a class.
    pub(super) fn tolerance(&self, class: ClassId, node: NodeId) -> Tolerance {
        self.classes[class.index()].tolerances[self.nodes.taints[node.0 as usize].index()]
    }

    /// The domain of a node in a tally.
    pub(super) fn domain(&self, domains: &Domains, node: usize) -> u32 {
        match domains {
            _ if !self.nodes.here[node] => NONE,
            Domains::Nodes => u32::try_from(node).expect("fewer than 2^32 nodes"),
            Domains::Values(_, Some(eligibility)) if !self.is_eligible(eligibility, node) => NONE,
            Domains::Values(key, _) => self.values(*key)[node],
        }
    }

    /// The pods on a node that a tally counts.
    pub(super) fn counted(&self, tally: TallyId, node: usize) -> u32 {
        if self.nodes.pods[node].is_empty() {
            return 0;
        }
        let living = self.tally(tally).living;
        let members = self.classes.iter().filter(|class| class.counted_in.contains(&tally));
        members.map(|class| class.placed[node] - if living { class.ending[node] } else { 0 }).sum()
    }

    fn is_eligible(&self, eligibility: &Eligibility, node: usize) -> bool {
        let Eligibility { class, keys, by_affinity, by_taints } = eligibility;
        let resolved = &self.classes[class.index()];
        let refused = || resolved.tolerances[self.nodes.taints[node].index()].refused_by.is_some();
        keys.iter().all(|key| self.values(*key)[node] != NONE)
            && !(*by_affinity && resolved.allowed.as_ref().is_some_and(|allowed| !allowed[node]))
            && !(*by_taints && refused())
    }

    /// Whether pods of class `other` coming or going may decide where pods of `class` fit.
    pub(super) fn concerns(&self, class: ClassId, other: ClassId) -> bool {
        let class = &self.classes[class.index()];
        let spread = class.hard_spread.iter().map(|spread| spread.tally);
        let terms = class.near.iter().chain(&class.far).chain(&class.shunned).map(|(_, tally)| *tally);
        let counted = &self.classes[other.index()].counted_in;
        spread.chain(terms).any(|tally| counted.contains(&tally))
    }

    fn index(&self, id: NodeId) -> usize {
        assert!(self.has_node(id), "node {} is not here", id.0);
        id.0 as usize
    }

    fn amounts(&self, id: NodeId, of: impl Fn(&Amounts) -> &Vec<i64>) -> Resources {
        let amount = |resource: usize| of(&self.resources[resource])[id.0 as usize].unsigned_abs();
        Resources { cpu: Cores::milli(amount(CPU)), memory: Bytes::new(amount(MEMORY)) }
    }

    /// Taints that have changed may change which nodes count for a spread constraint.
    fn retaint(&mut self, node: usize) {
        self.mark(node);
        self.settle(node, |domains| matches!(domains, Domains::Values(_, Some(rule)) if rule.by_taints));
    }

    /// Finds the list of a node's taints; a new one is judged for each class.
    fn mark(&mut self, node: usize) {
        let (id, is_new) = self.taints.intern(self.nodes.effective_taints(node));
        self.nodes.taints[node] = id;
        if is_new {
            for class in &mut self.classes {
                class.tolerances.push(Tolerance::new(&class.spec.tolerations, self.taints.get(id)));
            }
        }
    }

    /// Puts a node into its domains again.
    fn settle(&mut self, node: usize, affected: impl Fn(&Domains) -> bool) {
        for index in 0..self.tallies.len() {
            if affected(&self.tallies[index].domains) {
                let domain = self.domain(&self.tallies[index].domains, node);
                let pods = self.counted(TallyId(index as u32), node);
                self.tallies[index].settle(node, domain, pods);
            }
        }
    }
}

pub(super) fn to_amount(amount: u64) -> i64 {
    i64::try_from(amount).expect("an amount is below 2^63")
}
