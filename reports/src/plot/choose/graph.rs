//! The call graph with its load, read off the log of the same name and the services' figures.

use sim_core::results::Table;

use super::Chooser;
use crate::figures;
use crate::plot::chart::{Caption, Chart, GraphChart, GraphEdge, GraphNode};
use crate::words;

/// The log of who calls whom.
pub(crate) const TABLE: &str = "call_graph";
/// More boxes than this nobody can follow.
const NODES_MAX: usize = 40;

impl Chooser<'_> {
    /// Who calls whom, with calls a second and failures; where no service calls another there is none.
    pub(super) fn graph(&self) -> Option<Chart> {
        let table = self.results.tables.iter().find(|table| table.name == TABLE)?;
        let columns = Columns::of(table)?;
        let mut nodes: Vec<GraphNode> = Vec::new();
        let mut edges = Vec::new();
        for row in &table.rows {
            let caller = self.node(&mut nodes, &row[columns.kind], &row[columns.caller]);
            let callee = self.node(&mut nodes, "service", &row[columns.callee]);
            let number = |at: usize| row[at].parse::<f64>().ok();
            edges.push(GraphEdge {
                from: caller,
                to: callee,
                rate: number(columns.rate),
                failed: number(columns.failed),
            });
        }
        if nodes.len() > NODES_MAX || edges.is_empty() {
            return None;
        }
        let first = if self.results.replications > 1 { "edges: of the first replication" } else { "" };
        Some(Chart::Graph(GraphChart {
            caption: Caption {
                name: "call-graph".to_owned(),
                title: "Who calls whom: calls a second, and how many of them fail".to_owned(),
                subtitle: self.subtitle(&[first.to_owned()]),
            },
            nodes,
            edges,
        }))
    }

    /// The number of a box; a new one gets its figures.
    fn node(&self, nodes: &mut Vec<GraphNode>, kind: &str, name: &str) -> usize {
        let outer = kind != "service";
        if let Some(at) = nodes.iter().position(|node| node.name == name && node.outer == outer) {
            return at;
        }
        let metric = |metric: &str| self.results.metric(kind, name, metric).filter(|metric| metric.value.is_finite());
        let failed = metric("ok_share").map_or(0.0, |share| 100.0 - share.value);
        let rate = metric("rate").map(|rate| {
            let rate = format!("{}/s", words::figure(rate.value));
            if failed > 0.0 { format!("{rate}, {} % fail", words::percentage(failed)) } else { rate }
        });
        let slow = metric("latency.p99").map(|slow| format!("p99 {}", words::milliseconds(slow.value)));
        let busy = [("cpu", "CPU"), ("utilisation", "busy")].into_iter().find_map(|(name, label)| {
            metric(name).map(|metric| format!("{label} {} %", words::percentage(metric.value)))
        });
        let second = [slow, busy].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let lines = [rate.unwrap_or_default(), second].into_iter().filter(|line| !line.is_empty()).collect();
        let weight = figures::traffic(self.results, kind, name);
        nodes.push(GraphNode { name: name.to_owned(), outer, lines, failed, weight });
        nodes.len() - 1
    }
}

/// Where in an entry what stands.
struct Columns {
    kind: usize,
    caller: usize,
    callee: usize,
    rate: usize,
    failed: usize,
}

impl Columns {
    fn of(table: &Table) -> Option<Columns> {
        let column = |name: &str| table.columns.iter().position(|column| column == name);
        Some(Columns {
            kind: column("caller_kind")?,
            caller: column("caller")?,
            callee: column("callee")?,
            rate: column("calls_per_s")?,
            failed: column("failed_pct")?,
        })
    }
}
