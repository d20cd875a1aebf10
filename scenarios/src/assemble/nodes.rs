//! Pools of nodes, and what the scheduler knows of the pods of each deployment.

use models::cluster::{Pool, Provision};
use models::place::{NodeId, Place};
use models::pod::Resources;
use models::schedule::defaults::{REGION_KEY, ZONE_KEY};
use models::schedule::{
    ClassSpec, NodeAffinity, NodeSpec, Operator, PodAffinity, PodTerm, Requests, Requirement, Selector,
    SpreadConstraint,
};
use models::world::World;
use sim_core::Seed;

use crate::inputs::Inputs;
use crate::schema::{Group, Neighbour, NodePool, Pod, Scenario, Service, Spread};

/// Lets a scheduler place pods on the pools of a scenario, if it declares any.
pub(super) fn with_pools(world: World, scenario: &Scenario, inputs: &Inputs, seed: Seed) -> World {
    if scenario.nodes.is_empty() {
        return world;
    }
    let mut world = world.with_scheduler(&scenario.cluster().scheduler, seed.stream("scheduler"));
    for (name, pool) in &scenario.nodes {
        let mut node = NodeSpec {
            allocatable: Resources { cpu: pool.cpu, memory: pool.memory },
            pods: pool.pods,
            labels: pool.labels.clone(),
            taints: pool.taints.clone(),
            ..NodeSpec::default()
        };
        node.labels.insert("pool".to_owned(), name.clone());
        let recordings = inputs.recordings();
        let provision = Provision {
            bounds: pool.scale.map(|scale| (scale.min, scale.max)),
            delay: pool.provision.sampler(recordings),
            spot: pool.spot.as_ref().map(|spot| (spot.lifetime.sampler(recordings), spot.notice)),
            price: pool.price,
            rng: seed.stream(&format!("pool/{name}")),
        };
        world.add_pool(Pool::new(name, node, scenario.places_of(pool), provision), pool.count);
    }
    if scenario.nodes.values().any(|pool| pool.scale.is_some()) {
        world.set_cluster_autoscaler(&scenario.cluster().node_autoscaler, seed.stream("node_autoscaler"));
    }
    world
}

impl Scenario {
    /// Where the nodes of a pool are, in turn: regions in turn, and each region's zones in turn.
    fn places_of(&self, pool: &NodePool) -> Vec<(Place, Vec<(String, String)>)> {
        let named = |name: &String| self.regions.get_index_of(name).expect("validated regions exist");
        let regions: Vec<usize> = match pool.regions.is_empty() {
            true => (0..self.regions.len()).collect(),
            false => pool.regions.iter().map(named).collect(),
        };
        if regions.is_empty() {
            return vec![(Place::default(), Vec::new())];
        }
        let rounds =
            regions.iter().map(|&region| usize::from(self.regions[region].zones)).fold(1, least_common_multiple);
        let turns = (0..rounds).flat_map(|round| regions.iter().map(move |&region| (round, region)));
        let place = |(round, region): (usize, usize)| {
            let zones = self.zones(region);
            let (region_id, zone) = zones[round % zones.len()];
            let name = self.regions.get_index(region).expect("an index of a region").0;
            let labels = [(REGION_KEY, name.clone()), (ZONE_KEY, self.zone_name(region, round % zones.len()))];
            let labels = labels.map(|(key, value)| (key.to_owned(), value));
            (Place { region: region_id, zone, node: NodeId::default() }, labels.into())
        };
        turns.map(place).collect()
    }

    /// What a zone is called in labels: "europe-0".
    fn zone_name(&self, region: usize, zone: usize) -> String {
        format!("{}-{zone}", self.regions.get_index(region).expect("an index of a region").0)
    }

    /// What the scheduler knows of the pods of a group.
    pub(super) fn class(
        &self,
        name: &str,
        service: &Service,
        (number, group): (usize, &Group),
        pod: &Pod,
    ) -> ClassSpec {
        let mut labels = pod.labels.clone();
        labels.insert("app".to_owned(), name.to_owned());
        labels.insert("group".to_owned(), number.to_string());
        let own = Selector::labels([("app", name)]);
        let (near, preferred_near) = terms(&pod.near);
        let (apart, preferred_apart) = terms(&pod.apart);
        ClassSpec {
            labels,
            priority: pod.priority,
            requests: Requests { cpu: pod.cpu, memory: pod.memory, extended: Vec::new() },
            node_affinity: self.node_affinity(service, group, pod),
            tolerations: pod.tolerations.clone(),
            pod_affinity: PodAffinity { required: near, preferred: preferred_near },
            pod_anti_affinity: PodAffinity { required: apart, preferred: preferred_apart },
            spread: pod.spread.iter().map(|spread| constraint(spread, &own)).collect(),
            spread_with: Some(own),
            grace: pod.termination.grace_period,
            ..ClassSpec::default()
        }
    }

    /// The nodes of the regions that the group runs in, as far as the pod wants them.
    fn node_affinity(&self, service: &Service, group: &Group, pod: &Pod) -> NodeAffinity {
        let mut affinity = pod.nodes.clone();
        let regions: Vec<String> = group.region.clone().map_or_else(|| service.regions.clone(), |region| vec![region]);
        if !regions.is_empty() {
            let here = Requirement { key: REGION_KEY.to_owned(), operator: Operator::In, values: regions };
            if affinity.required.is_empty() {
                affinity.required.push(Vec::new());
            }
            affinity.required.iter_mut().for_each(|term| term.push(here.clone()));
        }
        affinity
    }
}

fn constraint(spread: &Spread, own: &Selector) -> SpreadConstraint {
    SpreadConstraint {
        when_unsatisfiable: spread.otherwise,
        ..SpreadConstraint::new(spread.over.key(), spread.max_skew, own.clone())
    }
}

/// Neighbours that must be, and those that are wished for.
fn terms(neighbours: &[Neighbour]) -> (Vec<PodTerm>, Vec<(i64, PodTerm)>) {
    let term = |neighbour: &Neighbour| PodTerm {
        selector: Selector::labels(neighbour.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        topology_key: neighbour.on.key().to_owned(),
        ..PodTerm::default()
    };
    let required = neighbours.iter().filter(|neighbour| neighbour.weight.is_none()).map(term).collect();
    let preferred = neighbours.iter().filter_map(|neighbour| Some((neighbour.weight?, term(neighbour)))).collect();
    (required, preferred)
}

fn least_common_multiple(one: usize, other: usize) -> usize {
    let (mut a, mut b) = (one, other);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    one / a * other
}
