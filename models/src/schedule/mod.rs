//! The scheduler: which node a pod runs on.
//!
//! [`Cluster`] knows nodes, classes of pods and where pods lie; [`Scheduler`] takes waiting pods,
//! asks the [`Filter`]s which nodes will do and the [`Score`]s which is best, and preempts where none
//! will. All strings are resolved when a node or a class is registered: placing a pod compares and
//! adds small numbers, so that a thousand nodes and twenty thousand pods take a fraction of a second.
//!
//! True to kube-scheduler of release 1.31 and its default profile. Left out: volumes, dynamic
//! resources, extenders, gates, several profiles.

mod balanced_allocation;
mod budgets;
mod chain;
mod class;
mod cluster;
mod columns;
pub mod defaults;
mod image_locality;
mod images;
mod inter_pod_affinity;
mod node;
mod node_affinity;
mod node_ports;
mod plugin;
mod preemption;
mod queue;
mod ranking;
mod reasons;
mod register;
mod resources_fit;
mod scheduler;
mod search;
mod selector;
mod settings;
mod taint_toleration;
mod taints;
mod tally;
#[cfg(test)]
mod tests;
mod topology_spread;
mod unschedulable;

pub use balanced_allocation::NodeResourcesBalancedAllocation;
pub use budgets::BudgetId;
pub(crate) use budgets::BudgetsLeft;
pub use chain::FilterChain;
pub use class::{
    ClassId, ClassSpec, Namespaces, NodePolicy, Owner, PodAffinity, PodKey, PodTerm, Requests, SpreadConstraint,
    WhenUnsatisfiable,
};
pub use cluster::Cluster;
pub use image_locality::ImageLocality;
pub use inter_pod_affinity::InterPodAffinity;
pub use node::{NodeSpec, Placed};
pub use node_affinity::NodeAffinityMatch;
pub use node_ports::NodePorts;
pub use plugin::{Filter, FilterPlugin, Score, ScorePlugin};
pub use preemption::{Candidate, Victim, pick_node};
pub use queue::Unplaced;
pub use reasons::{Reason, Rejection, Resourceless, Status, Unfit};
pub use resources_fit::{FitStrategy, Insufficient, NodeResourcesFit, WeightedResource};
pub use scheduler::{Attempt, Scheduler};
pub use selector::{Labels, NodeAffinity, NodeTerm, Operator, Requirement, Selector};
pub use settings::{DefaultConstraint, DefaultSpread, SchedulerSettings, Ties, WeightedScore};
pub use taint_toleration::TaintToleration;
pub use taints::{Effect, Taint, Toleration};
pub use topology_spread::PodTopologySpread;
pub use unschedulable::NodeUnschedulable;
