//! The scheduler's plug-ins against kube-scheduler's table tests.
//!
//! Each case builds a cluster of its nodes and pods and asks the one plug-in that it is about.

mod cluster;
mod pods;
mod preemption;
mod resources;
mod spread;
mod taints;

use models::place::NodeId;
use models::schedule::{ClassId, Cluster, Filter, Score, Status};
use serde_json::{Map, Value};

use crate::case::Case;
use crate::json;

/// Runs the cases of the family `scheduler`.
pub(crate) fn scheduler(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "sched.fit" => resources::fit(input, expected),
        "sched.least_allocated" | "sched.most_allocated" | "sched.requested_to_capacity_ratio" => {
            resources::allocated(kind, input, expected)
        }
        "sched.balanced" => resources::balanced(input, expected),
        "sched.least_allocated_config" | "sched.most_allocated_config" => resources::config(input, expected),
        "sched.spread_score" => spread::score(input, expected),
        "sched.spread_filter" => spread::filter(input, expected),
        "sched.interpod_score" => pods::score(input, expected),
        "sched.interpod_filter" => pods::filter(input, expected),
        "sched.taint_score" => taints::score(input, expected),
        "sched.taint_filter" => taints::filter(input, expected),
        "sched.pick_node_for_preemption" => preemption::pick(input, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

/// What a filter says of a node, as the framework's status.
fn status(filter: &mut dyn Filter, cluster: &Cluster, class: ClassId, node: NodeId) -> &'static str {
    let refused = filter.prepare(cluster, class);
    let status = match filter.check(cluster, class, node) {
        Err(rejection) if refused => rejection.status(),
        Err(_) => return "a refusal that was not announced",
        Ok(()) => Status::Success,
    };
    match status {
        Status::Success => "Success",
        Status::Unschedulable => "Unschedulable",
        Status::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
        Status::Skip => "Skip",
    }
}

/// A node by the name that the case gives it; empty where it gives none.
type Named = (String, NodeId);

/// Compares the scores of nodes, a list or a map as the case has it, or that there are none.
fn expect_scores(
    plugin: &mut dyn Score,
    cluster: &Cluster,
    class: ClassId,
    nodes: &[Named],
    expected: &Value,
) -> Result<(), String> {
    let ids: Vec<NodeId> = nodes.iter().map(|(_, id)| *id).collect();
    let mut scores = Vec::new();
    if !plugin.score(cluster, class, &ids, &mut scores) {
        let missed = expected.get("scores").map(|_| Err("scores: none".to_owned()));
        return missed.unwrap_or_else(|| json::expect(expected, "status", "Skip"));
    }
    json::expect(expected, "status", "Success")?;
    if expected.get("scores").is_some_and(Value::is_array) {
        return json::expect(expected, "scores", scores);
    }
    let scores = nodes.iter().zip(scores).map(|((name, _), score)| (name.clone(), Value::from(score)));
    json::expect(expected, "scores", scores.collect::<Map<_, _>>())
}

/// Compares the statuses of nodes: a map by name, or one word where there is one node.
fn expect_status(
    filter: &mut dyn Filter,
    cluster: &Cluster,
    class: ClassId,
    nodes: &[Named],
    expected: &Value,
) -> Result<(), String> {
    let wanted = expected.get("status").or_else(|| expected.get("statuses"));
    for (name, id) in nodes {
        let found = status(filter, cluster, class, *id);
        let wanted = match wanted {
            Some(Value::Object(by_name)) => by_name.get(name).and_then(Value::as_str),
            wanted => wanted.and_then(Value::as_str),
        };
        if wanted.is_some_and(|wanted| wanted != found) {
            return Err(format!("status of {name}: {found} instead of {}", wanted.unwrap_or_default()));
        }
    }
    Ok(())
}
