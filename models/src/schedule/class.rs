//! Classes of pods: what all pods of one template have in common, as it is registered.
//!
//! A scheduler that looks at templates instead of pods resolves every selector once. The fields are
//! those of a pod's spec; what is left out (volumes, runtime classes, scheduling gates, dynamic
//! resources) is ready or absent in this world.

use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Cores, Span};

use super::selector::{Labels, NodeAffinity, Selector};
use super::taints::Toleration;
use crate::pod::Resources;

/// A class of pods; counts up from 0 as classes are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

impl ClassId {
    /// The index into vectors kept beside the classes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A pod, named by whoever asks for its placement; never two at a time with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodKey(pub u64);

/// What containers ask for. An amount that is not stated is none, but counts as 100m or 200 MiB where
/// nodes are scored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Processor.
    pub cpu: Option<Cores>,
    /// Memory.
    pub memory: Option<Bytes>,
    /// Any other resource, by its name.
    pub extended: Vec<(String, u64)>,
}

impl From<Resources> for Requests {
    /// Takes an amount of zero for one that is not stated.
    fn from(resources: Resources) -> Requests {
        Requests {
            cpu: (resources.cpu.as_milli() > 0).then_some(resources.cpu),
            memory: (resources.memory.count() > 0).then_some(resources.memory),
            extended: Vec::new(),
        }
    }
}

/// In which namespaces a term looks for pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Namespaces {
    /// That of the pod whose term it is.
    #[default]
    Own,
    /// These.
    Named(Vec<String>),
    /// All of them.
    All,
}

/// Pods that a pod wants near or far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodTerm {
    /// Which pods.
    pub selector: Selector,
    /// In which namespaces.
    pub namespaces: Namespaces,
    /// The label that nodes share which are near each other.
    pub topology_key: String,
}

/// What a pod wants of the pods around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodAffinity {
    /// Must hold, all of it.
    pub required: Vec<PodTerm>,
    /// Raises (or, as anti-affinity, lowers) a node's score by the weights.
    pub preferred: Vec<(i64, PodTerm)>,
}

/// What happens to a pod that would break a spread constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhenUnsatisfiable {
    /// It waits.
    #[default]
    DoNotSchedule,
    /// It is placed where it does least harm.
    ScheduleAnyway,
}

/// Whether something about a node decides if it counts for a spread constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodePolicy {
    /// Nodes that the pod could not run on for this reason do not count.
    Honor,
    /// All nodes count.
    Ignore,
}

/// How evenly pods lie over the values of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadConstraint {
    /// The label.
    pub topology_key: String,
    /// By how many pods the fullest value may exceed the emptiest; at least 1.
    pub max_skew: u32,
    /// What if not.
    pub when_unsatisfiable: WhenUnsatisfiable,
    /// Which pods are counted.
    pub selector: Selector,
    /// With fewer eligible values than this, the emptiest counts as empty.
    pub min_domains: u32,
    /// Whether nodes that the pod's node affinity excludes count.
    pub node_affinity_policy: NodePolicy,
    /// Whether nodes with taints that the pod does not tolerate count.
    pub node_taints_policy: NodePolicy,
}

impl SpreadConstraint {
    /// A constraint with the defaults of Kubernetes: hard, affinity honoured, taints ignored.
    pub fn new(topology_key: &str, max_skew: u32, selector: Selector) -> SpreadConstraint {
        SpreadConstraint {
            topology_key: topology_key.to_owned(),
            max_skew,
            when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
            selector,
            min_domains: 1,
            node_affinity_policy: NodePolicy::Honor,
            node_taints_policy: NodePolicy::Ignore,
        }
    }
}

/// Who put a pod on its node, as far as emptying the node is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// A controller that replaces it elsewhere when it is evicted.
    #[default]
    Replicated,
    /// A daemon set, which runs one on each node and none once the node is gone.
    DaemonSet,
    /// The node itself: the mirror of a static pod.
    Node,
    /// Nobody: evicted, it is lost, so it holds its node.
    Nobody,
}

/// All that the pods of one template have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassSpec {
    /// Where selectors look for it.
    pub namespace: String,
    /// What selectors look for.
    pub labels: Labels,
    /// Pods of a higher one are placed first and may take the place of others.
    pub priority: i32,
    /// Whether it may take the place of others.
    pub preempts: bool,
    /// The sum of what its containers ask for.
    pub requests: Requests,
    /// What each of its init containers asks for; they run one after the other before the containers.
    pub init_requests: Vec<Requests>,
    /// The nodes it may and would rather run on.
    pub node_affinity: NodeAffinity,
    /// The taints it puts up with.
    pub tolerations: Vec<Toleration>,
    /// The pods it wants near.
    pub pod_affinity: PodAffinity,
    /// The pods it wants far.
    pub pod_anti_affinity: PodAffinity,
    /// How its pods are spread.
    pub spread: Vec<SpreadConstraint>,
    /// The selector of its service or replica set: with it, and without constraints of its own, a
    /// class follows the default constraints.
    pub spread_with: Option<Selector>,
    /// Ports of the node that it occupies.
    pub host_ports: Vec<u16>,
    /// The images of its containers, init containers included.
    pub images: Vec<String>,
    /// Who put it there.
    pub owner: Owner,
    /// How long it may take to end.
    pub grace: Span,
}

impl Default for ClassSpec {
    fn default() -> ClassSpec {
        ClassSpec {
            namespace: "default".to_owned(),
            labels: Labels::new(),
            priority: 0,
            preempts: true,
            requests: Requests::default(),
            init_requests: Vec::new(),
            node_affinity: NodeAffinity::default(),
            tolerations: Vec::new(),
            pod_affinity: PodAffinity::default(),
            pod_anti_affinity: PodAffinity::default(),
            spread: Vec::new(),
            spread_with: None,
            host_ports: Vec::new(),
            images: Vec::new(),
            owner: Owner::default(),
            grace: Span::from_secs(30),
        }
    }
}
