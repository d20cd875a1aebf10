//! Endpoints: which pods stand behind a service, and which of them get traffic.
//!
//! A pod is an endpoint while it has an address and has not ended. What asks for its end makes it
//! not ready in the same moment, though it may serve on: the news reaches those who send traffic
//! later, and that gap is where rolling updates lose requests. Source: kubernetes/endpointslice,
//! util/controller_utils.go (`ShouldPodBeInEndpoints`) and utils.go (`podToEndpoint`); kube-proxy for
//! what falls back to pods that are about to end. Left out: topology hints.

use super::Phase;

/// What matters of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointPod {
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it has an address.
    pub has_address: bool,
    /// Whether its readiness and that of its node let it serve.
    pub ready: bool,
    /// Whether its end has been asked for.
    pub terminating: bool,
}

/// How an endpoint is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// It should get traffic.
    pub ready: bool,
    /// It could take traffic.
    pub serving: bool,
    /// Its end has been asked for.
    pub terminating: bool,
}

impl EndpointPod {
    /// Whether it is an endpoint at all; slices include those about to end, the older lists did not.
    pub fn is_endpoint(&self, include_terminating: bool) -> bool {
        let ended = matches!(self.phase, Phase::Failed | Phase::Succeeded);
        !ended && self.has_address && (include_terminating || !self.terminating)
    }

    /// Its conditions, in a service that publishes pods ready or not, or only ready ones.
    pub fn conditions(&self, publish_not_ready: bool) -> Conditions {
        let EndpointPod { ready: serving, terminating, .. } = *self;
        Conditions { ready: publish_not_ready || (serving && !terminating), serving, terminating }
    }
}

impl Conditions {
    /// Whether a proxy sends traffic there: to ready endpoints, and only if the service has none of
    /// them, to those that still serve while they end.
    pub fn gets_traffic(&self, any_ready: bool) -> bool {
        self.ready || (!any_ready && self.serving && self.terminating)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pod_serves_to_its_end() {
        let pod = EndpointPod { phase: Phase::Running, has_address: true, ready: true, terminating: true };
        assert!(pod.is_endpoint(true) && !pod.is_endpoint(false));
        let conditions = pod.conditions(false);
        assert_eq!(conditions, Conditions { ready: false, serving: true, terminating: true });
        assert!(conditions.gets_traffic(false) && !conditions.gets_traffic(true));
        assert!(pod.conditions(true).ready);
        assert!(!EndpointPod { phase: Phase::Failed, ..pod }.is_endpoint(true));
    }
}
