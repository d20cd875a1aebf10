//! Readings of the cluster: how many of what there are, and how full it is.

use sim_core::Time;
use sim_core::sim::Cx;

use super::DeploymentId;
use crate::heal::Ailment;
use crate::pod::Phase;
use crate::world::{Fact, World};

/// What is read of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClusterGauge {
    /// Nodes there are.
    Nodes,
    /// Nodes that the control plane takes for ready.
    ReadyNodes,
    /// Pods that have no node yet, or whose image is being fetched.
    PendingPods,
    /// Pods whose container has started, now or before.
    RunningPods,
    /// Pods that are to end.
    EndingPods,
    /// Processor that ready nodes have for pods, in thousandths of a core.
    CpuAllocatable,
    /// Processor that pods on ready nodes request.
    CpuRequested,
    /// Processor that they use, on average since the last reading.
    CpuUsed,
    /// Memory that ready nodes have for pods, in bytes.
    MemoryAllocatable,
    /// Memory that pods on ready nodes request.
    MemoryRequested,
    /// Memory that they use.
    MemoryUsed,
}

impl ClusterGauge {
    /// Every gauge, in declaration order.
    pub const ALL: [ClusterGauge; 11] = [
        ClusterGauge::Nodes,
        ClusterGauge::ReadyNodes,
        ClusterGauge::PendingPods,
        ClusterGauge::RunningPods,
        ClusterGauge::EndingPods,
        ClusterGauge::CpuAllocatable,
        ClusterGauge::CpuRequested,
        ClusterGauge::CpuUsed,
        ClusterGauge::MemoryAllocatable,
        ClusterGauge::MemoryRequested,
        ClusterGauge::MemoryUsed,
    ];
}

impl World {
    /// Tells how many replicas each deployment has, and how the cluster as a whole stands.
    pub(crate) fn survey(&mut self, cx: &mut Cx<'_, World>) {
        for (index, deployment) in self.cluster.deployments.iter().enumerate() {
            let (desired, active, ready) = (deployment.desired, deployment.active, deployment.ready);
            cx.tell(Fact::Counted { deployment: DeploymentId(index as u16), desired, active, ready });
        }
        let mut values = [0; ClusterGauge::ALL.len()];
        let mut add = |gauge: ClusterGauge, value: u64| values[gauge as usize] += value;
        for node in self.cluster.nodes.iter().filter(|node| !node.removed) {
            add(ClusterGauge::Nodes, 1);
            // A node that is lost has nothing for anybody; nor do the pods that it took along take any.
            if !node.ready {
                continue;
            }
            add(ClusterGauge::ReadyNodes, 1);
            add(ClusterGauge::CpuAllocatable, node.allocatable.cpu.as_milli());
            add(ClusterGauge::MemoryAllocatable, node.allocatable.memory.count());
        }
        for deployment in &self.cluster.deployments {
            let requests = deployment.template.requests.unwrap_or_default();
            for &pod in &deployment.pods {
                let record = &self.cluster.pods[pod];
                add(ClusterGauge::EndingPods, u64::from(record.deleting.is_some()));
                add(ClusterGauge::PendingPods, u64::from(record.phase == Phase::Pending));
                add(ClusterGauge::RunningPods, u64::from(record.phase == Phase::Running && record.deleting.is_none()));
                let Some(replica) = record.replica.map(|replica| &self.replicas[replica.0 as usize]) else { continue };
                if !self.cluster.nodes[replica.settings.place.node.0 as usize].ready {
                    continue;
                }
                add(ClusterGauge::CpuRequested, requests.cpu.as_milli());
                add(ClusterGauge::MemoryRequested, requests.memory.count());
                let cores = replica.cores_used * deployment.template.cpu_share;
                add(ClusterGauge::CpuUsed, (cores * 1e3).round() as u64);
                add(ClusterGauge::MemoryUsed, self.memory_used(pod).count());
            }
        }
        for gauge in ClusterGauge::ALL {
            cx.tell(Fact::Surveyed { gauge, value: values[gauge as usize] });
        }
    }

    /// What is wrong and not healed.
    pub fn ailments(&self) -> impl Iterator<Item = Ailment> {
        let nodes = self.cluster.nodes.iter().flat_map(|node| node.ailment.into_iter().chain(node.drain));
        let pods = self.cluster.pods.iter().filter_map(|pod| pod.ailment);
        nodes.chain(pods).chain(self.cluster.deployments.iter().flat_map(|one| one.bereft.iter().copied()))
    }

    /// Node-hours so far, by pool, in the order of adding; those of nodes that belong to no pool last.
    pub fn node_hours(&self, now: Time) -> Vec<f64> {
        let mut hours = self.cluster.hours.clone();
        for node in self.cluster.nodes.iter().filter(|node| !node.removed) {
            let index = node.pool.map_or(hours.len() - 1, usize::from);
            hours[index] += now.since(node.created).as_secs_f64() / 3_600.0;
        }
        hours
    }
}
