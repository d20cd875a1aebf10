//! What a pod requests of a resource: `calculateRequests` in replica_calculator.go.
//!
//! The containers' requests together, those of init containers that keep running (sidecars)
//! included; a request of the pod itself stands for all of them; of a single container, its own.

/// A container's name and what it requests, if anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Unique within the pod.
    pub name: String,
    /// Of the resource in question.
    pub request: Option<i64>,
}

/// The parts of a pod that request something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodContainers {
    /// Its containers, then its restartable init containers; not those that run once.
    pub containers: Vec<Container>,
    /// What the pod requests as a whole, where the cluster knows of that.
    pub pod_level: Option<i64>,
}

impl PodContainers {
    /// What the container named `of`, or all of the pod, requests; the error says what is missing.
    pub fn request(&self, of: Option<&str>) -> Result<i64, String> {
        let missing = |name: &str| format!("missing request for container {name}");
        let own = |container: &Container| container.request.ok_or_else(|| missing(&container.name));
        match (of, self.pod_level) {
            (Some(name), _) => {
                let container = self.containers.iter().find(|container| container.name == name);
                container.map_or_else(|| Err(format!("container {name} not found")), own)
            }
            (None, Some(request)) => Ok(request),
            (None, None) => self.containers.iter().map(own).sum(),
        }
    }
}
