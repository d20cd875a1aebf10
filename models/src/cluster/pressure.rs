//! Memory pressure: a node whose pods use more than it has evicts one after the other.
//!
//! The kubelet's rule (pkg/kubelet/eviction): below 100 MiB of free memory it ends, without grace, first
//! a pod that uses more than it requested, of those the least important, of those the one furthest
//! above its request; and for five minutes the node takes no new pods. Left out: soft thresholds, disk.

use sim_core::sim::Cx;
use sim_core::{Bytes, Time};

use super::PodId;
use super::pod::Container;
use crate::heal::Cause;
use crate::node::defaults::{
    EVICTION_MEMORY_AVAILABLE, EVICTION_MONITORING_PERIOD, EVICTION_PRESSURE_TRANSITION_PERIOD,
};
use crate::place::NodeId;
use crate::schedule::{Effect, Taint};
use crate::service::Memory;
use crate::world::{Event, World};

/// What a node under pressure is marked with.
const PRESSURE_TAINT: &str = "node.kubernetes.io/memory-pressure";

impl World {
    /// Kubelets look after their memory if there is any pod whose memory is known.
    pub(crate) fn start_kubelets(&mut self, cx: &mut Cx<'_, World>) {
        let is_known = self.services.iter().any(|service| service.settings.memory.is_some());
        if self.cluster.scheduler.is_some() && is_known {
            cx.after(EVICTION_MONITORING_PERIOD, Event::CheckMemory);
        }
    }

    /// Every kubelet looks how much memory is left.
    pub(crate) fn check_memory(&mut self, cx: &mut Cx<'_, World>) {
        for index in 0..self.cluster.nodes.len() {
            let node = &self.cluster.nodes[index];
            if node.removed || !node.alive {
                continue;
            }
            let used: u64 = node.pods.iter().map(|&pod| self.memory_used(pod, cx.now).count()).sum();
            let is_pressed = used + EVICTION_MEMORY_AVAILABLE.count() > node.allocatable.memory.count();
            let id = NodeId(index as u32);
            if is_pressed {
                self.press(cx, id);
            } else if node.pressed.is_some_and(|last| cx.now.since(last) >= EVICTION_PRESSURE_TRANSITION_PERIOD) {
                self.node(id).pressed = None;
                self.mark_pressure(cx, id, false);
            }
        }
        cx.after(EVICTION_MONITORING_PERIOD, Event::CheckMemory);
    }

    /// A node under pressure evicts one pod.
    fn press(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        if self.node(id).pressed.replace(cx.now).is_none() {
            self.mark_pressure(cx, id, true);
        }
        let rank = |&pod: &PodId| {
            let record = &self.cluster.pods[pod];
            let template = &self.cluster.deployments[usize::from(record.deployment.0)].template;
            let requested = template.requests.unwrap_or_default().memory.count();
            let above = self.memory_used(pod, cx.now).count() as i64 - requested as i64;
            (above <= 0, template.priority, std::cmp::Reverse(above), record.serial)
        };
        let runs = |pod: &PodId| self.cluster.pods[*pod].container == Container::Running;
        let pods = self.cluster.nodes[id.0 as usize].pods.iter().copied();
        if let Some(pod) = pods.filter(runs).min_by_key(rank) {
            self.evict_at_once(cx, pod, Cause::NodePressure);
        }
    }

    fn mark_pressure(&mut self, cx: &mut Cx<'_, World>, id: NodeId, pressed: bool) {
        let pool = self.node(id).pool.expect("with a scheduler, nodes are of pools");
        let mut taints = self.cluster.pools[usize::from(pool)].node.taints.clone();
        taints.extend(pressed.then(|| Taint::new(PRESSURE_TAINT, Effect::NoSchedule)));
        if let Some(scheduler) = &mut self.cluster.scheduler {
            scheduler.set_taints(cx.now, id, taints);
        }
        self.schedule(cx);
    }

    /// The memory that a pod uses, as far as that is known.
    pub(crate) fn memory_used(&self, pod: PodId, now: Time) -> Bytes {
        let record = &self.cluster.pods[pod];
        let Some(replica) = record.replica.filter(|_| record.container == Container::Running) else {
            return Bytes::default();
        };
        let replica = &self.replicas[replica.0 as usize];
        let memory = self.services[usize::from(replica.service.0)].settings.memory;
        let leaked = self.leaked(pod, now).count();
        let others = leaked + replica.memory_taken();
        let used = |memory: Memory| Bytes::new(memory.used(u64::from(replica.held())).count() + others);
        memory.map_or(Bytes::default(), used)
    }
}
