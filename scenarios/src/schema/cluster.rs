//! What a scenario file may say of its cluster: nodes, pods, probes, controllers.

use models::cluster::MetricsSettings;
use models::cluster_autoscaler::ClusterAutoscalerSettings;
use models::node::lifecycle::LifecycleSettings;
use models::pod::Resources;
use models::pod::backoff::CrashLoopSettings;
use models::pod::probe::ProbeSettings;
use models::pod::termination::Termination;
use models::schedule::defaults::{HOSTNAME_KEY, REGION_KEY, ZONE_KEY};
use models::schedule::{Labels, NodeAffinity, SchedulerSettings, Taint, Toleration, WhenUnsatisfiable};
use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Cores, Distribution, Span};

/// How the cluster as a whole works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// From a controller's decision to its effect. Default Instant.
    pub control_plane: ControlPlane,
    /// From a pod's change of readiness until balancers know of it. Default 1s.
    pub endpoint_lag: Distribution,
    /// How autoscalers learn what pods use. Default each 15s, shown at once.
    pub metrics: MetricsSettings,
    /// How containers that end are started again. Default Kubernetes'.
    pub crash_loop: CrashLoopSettings,
    /// When nodes that are not heard of are given up. Default Kubernetes'.
    pub node_lifecycle: LifecycleSettings,
    /// How pools with bounds grow and shrink. Default the cluster autoscaler's.
    pub node_autoscaler: ClusterAutoscalerSettings,
    /// How pods find their node, where nodes are declared. Default kube-scheduler's profile.
    pub scheduler: SchedulerSettings,
}

impl Default for Cluster {
    fn default() -> Cluster {
        Cluster {
            control_plane: ControlPlane::Instant,
            endpoint_lag: Distribution::Constant(Span::from_secs(1)),
            metrics: MetricsSettings::default(),
            crash_loop: CrashLoopSettings::default(),
            node_lifecycle: LifecycleSettings::default(),
            node_autoscaler: ClusterAutoscalerSettings::default(),
            scheduler: SchedulerSettings::default(),
        }
    }
}

/// How soon decisions take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ControlPlane {
    /// At once.
    Instant,
    /// After this span.
    Delay(Span),
}

/// What each pod of a service is like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pod {
    /// Processor it requests of its node; the base of its utilisation. Default what it can use.
    pub cpu: Option<Cores>,
    /// Processor it gets at most. Default what it can use.
    pub cpu_limit: Option<Cores>,
    /// Memory it requests of its node. Default the limit of the service's memory, if there is one.
    pub memory: Option<Bytes>,
    /// Who goes first, and who makes room, when nodes are full; higher is first. Default 0.
    pub priority: i32,
    /// What selectors find it by, besides `app`, the name of its service. Default nothing.
    pub labels: Labels,
    /// The nodes it may, and would rather, run on. Default any.
    pub nodes: NodeAffinity,
    /// The taints of nodes that it puts up with. Default none.
    pub tolerations: Vec<Toleration>,
    /// How evenly the pods of its service are spread. Default softly over nodes (skew 3) and zones (5).
    pub spread: Vec<Spread>,
    /// The pods it wants near. Default none.
    pub near: Vec<Neighbour>,
    /// The pods it wants far. Default none.
    pub apart: Vec<Neighbour>,
    /// From being sent to a node until its image is there. Default no time.
    pub pull: Option<Distribution>,
    /// From its container's start until it listens. Default no time.
    pub startup: Option<Distribution>,
    /// Whether that keeps its processors busy, as class loading and just-in-time compilation do. Default false.
    pub startup_busy: bool,
    /// How it ends. Default 30s of grace, no hook before, and it finishes what it has begun.
    pub termination: Termination,
}

/// What places have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Scope {
    /// The same node.
    Node,
    /// The same zone.
    Zone,
    /// The same region.
    Region,
}

impl Scope {
    /// The label of nodes that tells.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Scope::Node => HOSTNAME_KEY,
            Scope::Zone => ZONE_KEY,
            Scope::Region => REGION_KEY,
        }
    }
}

/// How evenly pods are spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Over what.
    pub over: Scope,
    /// By how many pods the fullest may exceed the emptiest. Default 1.
    #[serde(default = "default_skew")]
    pub max_skew: u32,
    /// What happens to a pod that would break this. Default DoNotSchedule.
    #[serde(default)]
    pub otherwise: WhenUnsatisfiable,
}

fn default_skew() -> u32 {
    1
}

/// Pods that a pod wants near or far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Those with all these labels.
    pub labels: Labels,
    /// What near means.
    pub on: Scope,
    /// How much it matters, against other wishes, from 1 to 100. Default it must be.
    #[serde(default)]
    pub weight: Option<i64>,
}

impl Pod {
    /// What it requests of its node, if it requests anything.
    pub(crate) fn requests(&self) -> Option<Resources> {
        let asks = self.cpu.is_some() || self.memory.is_some();
        asks.then(|| Resources { cpu: self.cpu.unwrap_or_default(), memory: self.memory.unwrap_or_default() })
    }
}

/// What the kubelet asks the pods of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Probes {
    /// Has it come up? Until then the others wait; if it never does, it is restarted.
    pub startup: Option<ProbeSettings>,
    /// Is it alive? If not, it is restarted.
    pub liveness: Option<ProbeSettings>,
    /// May it have traffic? If not, it gets none.
    pub readiness: Option<ProbeSettings>,
    /// Like readiness, by a sample call down its dependencies.
    pub deep: Option<ProbeSettings>,
}

/// Nodes that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodePool {
    /// How many there are when the run begins.
    pub count: u32,
    /// Processor of each, for pods.
    pub cpu: Cores,
    /// Memory of each, for pods.
    pub memory: Bytes,
    /// Pods that each takes at most. Default 110.
    #[serde(default = "default_pods")]
    pub pods: u32,
    /// The regions they are in, spread evenly over these and their zones. Default all.
    #[serde(default)]
    pub regions: Vec<String>,
    /// What can be asked for in their selectors, besides region, zone and hostname. Default nothing.
    #[serde(default)]
    pub labels: Labels,
    /// What keeps pods off that do not tolerate it. Default nothing.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// What a node costs an hour. Default nothing.
    #[serde(default)]
    pub price: f64,
    /// The fewest and the most nodes that the cluster autoscaler keeps. Default it leaves the pool alone.
    #[serde(default)]
    pub scale: Option<PoolScale>,
    /// From asking for a node until it is ready. Default 60s.
    #[serde(default = "default_provision")]
    pub provision: Distribution,
    /// Whether the provider wants nodes back, and when. Default never.
    #[serde(default)]
    pub spot: Option<Spot>,
}

/// Bounds of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolScale {
    /// The fewest nodes. Default 0.
    #[serde(default)]
    pub min: u32,
    /// The most nodes.
    pub max: u32,
}

/// How long spot nodes stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// How long each node is there before it is wanted back.
    pub lifetime: Distribution,
    /// How long before it goes it is known. Default 2min.
    #[serde(default = "default_notice")]
    pub notice: Span,
}

fn default_provision() -> Distribution {
    Distribution::Constant(Span::from_secs(60))
}

fn default_notice() -> Span {
    Span::from_secs(120)
}

fn default_pods() -> u32 {
    110
}
