//! Who calls whom, and how much: the scenario's calls with what was measured.
//!
//! Services count their calls, not who made them. So an edge has figures where they follow from that: a workload
//! that goes to one service, and a service that is the only one of its callees' callers besides such workloads.

use std::collections::BTreeSet;

use sim_core::results::Table;

use super::Replication;
use crate::measure::{Meter, Tally};
use crate::schema::{Call, Scenario, Step};

/// Calls that a caller makes of a service: how many began, ended and failed, where that can be told.
struct Edge {
    kind: &'static str,
    caller: String,
    callee: String,
    calls: Option<Counts>,
}

/// Calls of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counts {
    begun: u64,
    ended: u64,
    failed: u64,
}

impl Counts {
    fn of(meter: &Meter) -> Counts {
        let total: Tally = meter.total();
        Counts { begun: total.begun, ended: total.ended(), failed: total.failed() }
    }

    /// What is left without `others`; calls that were under way at both ends may make it less than nothing.
    fn without(self, others: &[Counts]) -> Counts {
        let rest = |of: fn(&Counts) -> u64| of(&self).saturating_sub(others.iter().map(of).sum());
        Counts { begun: rest(|one| one.begun), ended: rest(|one| one.ended), failed: rest(|one| one.failed) }
    }
}

/// Every caller and whom it calls, with calls a second and the share of them that failed; nothing if no
/// service calls another.
pub(super) fn table(scenario: &Scenario, replication: &Replication) -> Option<Table> {
    let edges = edges(scenario, replication);
    if !edges.iter().any(|edge| edge.kind == "service") {
        return None;
    }
    let seconds = replication.measure.measured(replication.end).as_secs_f64();
    let row = |edge: Edge| {
        let rate = edge.calls.filter(|_| seconds > 0.0).map(|calls| calls.begun as f64 / seconds);
        let failed = edge.calls.filter(|calls| calls.ended > 0);
        let failed = failed.map(|calls| 100.0 * calls.failed as f64 / calls.ended as f64);
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
        vec![edge.kind.to_owned(), edge.caller, edge.callee, number(rate), number(failed)]
    };
    let columns = ["caller_kind", "caller", "callee", "calls_per_s", "failed_pct"].map(str::to_owned);
    Some(Table { name: "call_graph".to_owned(), columns: columns.to_vec(), rows: edges.into_iter().map(row).collect() })
}

fn edges(scenario: &Scenario, replication: &Replication) -> Vec<Edge> {
    let measure = &replication.measure;
    let mut edges = Vec::new();
    for ((name, workload), meter) in scenario.workloads.iter().zip(&measure.workloads) {
        let targets: BTreeSet<&str> = workload.to.iter().chain(workload.mix.keys()).map(|to| service_of(to)).collect();
        let calls = (targets.len() == 1).then(|| Counts::of(meter));
        edges.extend(targets.into_iter().map(|callee| Edge {
            kind: "workload",
            caller: name.clone(),
            callee: callee.to_owned(),
            calls,
        }));
    }
    for (name, service) in &scenario.services {
        let mut callees = BTreeSet::new();
        service.endpoints.values().for_each(|steps| collect(steps, &mut callees));
        edges.extend(callees.into_iter().map(|callee| Edge {
            kind: "service",
            caller: name.clone(),
            callee,
            calls: None,
        }));
    }
    for (callee, meter) in scenario.services.keys().zip(&measure.services) {
        let (mut unknown, mut known) = (Vec::new(), Vec::new());
        for (at, edge) in edges.iter().enumerate().filter(|(_, edge)| edge.callee == *callee) {
            match edge.calls {
                Some(calls) => known.push(calls),
                None => unknown.push(at),
            }
        }
        if let [only] = unknown[..] {
            edges[only].calls = Some(Counts::of(&meter.calls).without(&known));
        }
    }
    edges
}

/// The services that `steps` call.
fn collect(steps: &[Step], callees: &mut BTreeSet<String>) {
    for step in steps {
        let calls: &[Call] = match step {
            Step::Work(_) | Step::Sleep(_) => &[],
            Step::Call(call) => std::slice::from_ref(call),
            Step::All(calls) | Step::Any(calls) | Step::Quorum { of: calls, .. } => calls,
            Step::Branch(ways) => {
                ways.iter().for_each(|way| collect(&way.steps, callees));
                &[]
            }
        };
        callees.extend(calls.iter().map(|call| service_of(&call.to).to_owned()));
    }
}

/// The service of "service/endpoint".
fn service_of(target: &str) -> &str {
    target.split_once('/').map_or(target, |(service, _)| service)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::file::Source;

    #[test]
    fn edges_have_figures_where_they_follow_from_what_services_count() {
        let text = r#"Scenario(
            name: "graph", duration: "20s", replications: 5,
            services: {
                "shop": (replicas: 1, endpoints: { "buy": [Call(to: "stock/reserve"), Branch([(weight: 1, steps: [Call(to: "bank/pay", times: 2)])])] }),
                "search": (replicas: 1, endpoints: { "find": [Call(to: "stock/look")] }),
                "stock": (replicas: 1, endpoints: { "reserve": [Work(Constant("1ms"))], "look": [Work(Constant("1ms"))] }),
                "bank": (replicas: 1, endpoints: { "pay": [Work(Constant("1ms"))] }),
            },
            workloads: {
                "buyers": (to: "shop/buy", rate: "50/s"),
                "auditors": (to: "bank/pay", rate: "20/s"),
                "readers": (mix: { "search/find": 1, "shop/buy": 1 }, rate: "10/s"),
            },
        )"#;
        let loaded = crate::parse(&Source::new("graph.ron", text), Path::new("")).expect("a valid scenario");
        let results = crate::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results;
        let table = results.tables.iter().find(|table| table.name == "call_graph").expect("services call each other");
        let rate = |caller: &str, callee: &str| {
            let row = table.rows.iter().find(|row| row[1] == caller && row[2] == callee);
            let row = row.unwrap_or_else(|| panic!("{caller} calls {callee}: {:?}", table.rows));
            row[3].parse::<f64>().ok()
        };
        let near = |rate: Option<f64>, expected: f64| rate.is_some_and(|rate| (rate - expected).abs() < 0.2 * expected);
        assert!(near(rate("buyers", "shop"), 50.0), "{:?}", table.rows);
        assert!(near(rate("auditors", "bank"), 20.0), "{:?}", table.rows);
        // Two payments an order, and orders come from buyers and half of the readers; less what auditors ask.
        assert!(near(rate("shop", "bank"), 110.0), "{:?}", table.rows);
        // Half of the readers order: what the shop was asked, less what buyers ask.
        assert!(near(rate("readers", "shop"), 5.0), "{:?}", table.rows);
        // Two services call the stock: nobody counts who.
        assert_eq!([rate("shop", "stock"), rate("search", "stock")], [None; 2]);
        let spread = results.series("spread").expect("five replications differ");
        let ordered = |at: usize| (0..5).map(|line| spread.groups[0].values[line][at]).collect::<Vec<_>>().is_sorted();
        assert!((0..spread.groups[0].t_s.len()).all(ordered));
    }
}
