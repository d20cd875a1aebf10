//! What a scenario file may say of chaos: faults, their targets, and the steady state.

use std::collections::BTreeMap;

use models::chaos::{Disruption, Schedule};
use models::schedule::Labels;
use serde::{Deserialize, Serialize};
use sim_core::{Ratio, Span};

use super::Scenario;

/// Something that breaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What it is called in results, and by other faults that wait for it. Default what it does, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What.
    pub what: Disruption,
    /// Where. Default everywhere.
    #[serde(default)]
    pub target: Target,
    /// Where the messages come from that are hit on their way to the target. Default everywhere.
    #[serde(default)]
    pub from: Target,
    /// When.
    pub when: Schedule,
    /// After how long each strike is healed. Default never.
    #[serde(default)]
    pub lasts: Option<Span>,
}

impl Fault {
    /// What it is called: "LoseNodes europe", unless it has a name of its own.
    pub(crate) fn title(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let what = match &self.what {
            Disruption::Reclaim(notice) => format!("Reclaim after {}", notice.0),
            what => what.name().to_owned(),
        };
        let from = self.from.words();
        let from = if from.is_empty() { Vec::new() } else { [vec!["from".to_owned()], from].concat() };
        let to = self.target.words();
        let to = if from.is_empty() || to.is_empty() { to } else { [vec!["to".to_owned()], to].concat() };
        [vec![what], from, to].concat().join(" ")
    }
}

impl Scenario {
    /// What its faults are called. Those without a name that do the same in the same place are numbered from
    /// the second on: "Crash shop", "Crash shop (2)".
    pub(crate) fn fault_titles(&self) -> Vec<String> {
        let mut titles: Vec<String> = Vec::with_capacity(self.faults.len());
        // How often a title has been given: one look each, since there may be thousands of faults.
        let mut given: BTreeMap<String, u32> = BTreeMap::new();
        for fault in &self.faults {
            let title = fault.title();
            let times = given.entry(title.clone()).or_default();
            *times += 1;
            let again = fault.name.is_none() && *times > 1;
            titles.push(if again { format!("{title} ({times})") } else { title });
        }
        titles
    }
}

/// Which of all pods, nodes and customers; each condition leaves fewer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// Pods of this service, and the nodes that they are on.
    pub service: Option<String>,
    /// Pods with all these labels: those of `pod.labels`, and `app`, the name of their service.
    pub labels: Labels,
    /// Pods of this version: the service's present one, or one of `releases`.
    pub version: Option<String>,
    /// The pod with this number, as healing.csv names it: "shop-3" is the shop's 3.
    pub pod: Option<u32>,
    /// Customers of this workload; for what happens to messages.
    pub workload: Option<String>,
    /// In this region.
    pub region: Option<String>,
    /// In this zone of the region, or of the only one; counted from 0.
    pub zone: Option<u16>,
    /// On nodes of this pool.
    pub pool: Option<String>,
    /// The node with this number, as healing.csv names it.
    pub node: Option<u32>,
    /// So many of those, drawn at random.
    pub count: Option<u32>,
    /// This share of those, rounded up, drawn at random.
    pub percent: Option<Ratio>,
}

impl Target {
    /// "2 of shop europe".
    fn words(&self) -> Vec<String> {
        let Target { service, labels, version, pod, workload, region, zone, pool, node, count, percent } = self;
        let drawn = count.is_some() || percent.is_some();
        let anywhere = Target { count: None, percent: None, ..self.clone() } == Target::default();
        let pairs = labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
        let parts = [
            count.map(|count| format!("{count} of")),
            percent.map(|percent| format!("{percent} of")),
            workload.clone(),
            service.clone(),
            (!labels.is_empty()).then_some(pairs),
            version.clone(),
            pod.map(|pod| format!("pod {pod}")),
            pool.clone(),
            node.map(|node| format!("node {node}")),
            region.clone(),
            zone.map(|zone| format!("zone {zone}")),
            (drawn && anywhere).then(|| "all".to_owned()),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// What shall be so whatever breaks: of a workload's requests, or of a service's replicas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SteadyState {
    /// Requests of this workload.
    pub workload: Option<String>,
    /// The share of them, of those that ended within the window, that is answered.
    pub good: Option<Ratio>,
    /// The most time that a good answer takes. Default any.
    pub within: Option<Span>,
    /// How far back it looks. Default 10s.
    pub window: Option<Span>,
    /// Replicas of this service.
    pub service: Option<String>,
    /// How many of them are ready at least.
    pub ready: Option<u32>,
}

impl SteadyState {
    /// How far back it looks.
    pub(crate) fn window(&self) -> Span {
        self.window.unwrap_or(Span::from_secs(10))
    }
}
