//! The cluster autoscaler: adds nodes that pending pods need, removes nodes that nobody needs.
//!
//! [`ClusterAutoscaler::step`] is told what is there and answers with what is to be done; where a pod
//! would fit is the scheduler's own filters' to say, in forks of its [`Cluster`](crate::schedule::Cluster).
//!
//! True to the cluster autoscaler of release 1.31. Left out: accelerators, similar pools that are
//! balanced, pods that hold a node by local storage.

mod autoscaler;
pub mod defaults;
mod eligibility;
mod estimate;
mod expander;
mod pending;
mod removal;
mod settings;
#[cfg(test)]
mod tests;
mod unneeded;
mod utilization;
mod view;

pub use autoscaler::ClusterAutoscaler;
pub use eligibility::{Ineligible, eligible};
pub use estimate::{Estimate, PodGroup, estimate};
pub use expander::{Expand, Expander, LeastNodes, LeastWaste, MostPods, Offer, Price, Random};
pub use settings::ClusterAutoscalerSettings;
pub use unneeded::{PoolSize, Removable, Unneeded};
pub use utilization::{Utilization, utilization};
pub use view::{Action, NodeView, Pool, PoolId, Starting, View};
