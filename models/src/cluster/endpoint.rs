//! Who is an endpoint: readiness, and how balancers learn of it.

use sim_core::Span;
use sim_core::sim::Cx;

use super::PodId;
use crate::pod::endpoints::EndpointPod;
use crate::service::ReplicaId;
use crate::world::{Event, World};

impl World {
    /// A pod becomes ready or not.
    pub(crate) fn set_ready(&mut self, cx: &mut Cx<'_, World>, pod: PodId, ready: bool) {
        let record = &mut self.cluster.pods[pod];
        if record.ready == ready {
            return;
        }
        (record.ready, record.ready_changed) = (ready, cx.now);
        if record.deleting.is_none() {
            let deployment = &mut self.cluster.deployments[usize::from(record.deployment.0)];
            deployment.ready = if ready { deployment.ready + 1 } else { deployment.ready - 1 };
            let service = deployment.service;
            self.ready_changed(cx, service, ready);
        }
        self.touch(self.cluster.pods[pod].deployment);
        if ready {
            self.healed(cx, pod, true);
        }
        self.announce(cx, pod);
    }

    /// Balancers are told, in time, whether a pod serves.
    pub(crate) fn announce(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        if cx.now == sim_core::Time::ZERO {
            return self.route_now(pod);
        }
        let record = &mut self.cluster.pods[pod];
        let Some(replica) = record.replica else { return };
        let lag = self.cluster.settings.endpoint_lag.draw(&mut record.draws);
        if lag == Span::ZERO { self.route(replica) } else { _ = cx.after(lag, Event::Endpoint(replica)) }
    }

    /// Balancers know at once whether a pod serves.
    pub(crate) fn route_now(&mut self, pod: PodId) {
        if let Some(replica) = self.cluster.pods[pod].replica {
            self.route(replica);
        }
    }

    /// The balancer of a replica's service takes it in or out, as things are now.
    pub(crate) fn route(&mut self, id: ReplicaId) {
        let replica = &self.replicas[id.0 as usize];
        let serves = replica.pod.is_some_and(|pod| {
            let record = &self.cluster.pods[pod];
            let (ready, terminating) = (record.ready, record.deleting.is_some());
            let endpoint = EndpointPod { phase: record.phase, has_address: true, ready, terminating };
            let selected = self.cluster.deployments[usize::from(record.deployment.0)].selected;
            selected && endpoint.is_endpoint(false) && endpoint.conditions(false).ready
        });
        let pool = self.services[usize::from(replica.service.0)].pool_mut(replica.subset);
        pool.set_up(replica.backend, serves);
    }
}
