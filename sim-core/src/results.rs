//! What a run or a study found, as plain data: figures with their uncertainty, series over time.
//!
//! Models and reports meet only here. A [`Metric`] belongs to a subject of some kind ("service",
//! "workload", "region"; the run itself has kind "run"), so a new part of the world adds figures
//! without adding types.

use serde::{Deserialize, Serialize};

use crate::stats::Histogram;

/// Everything that one scenario's run (all its replications) yielded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The scenario's name, as its file gives it.
    pub scenario: String,
    /// The scenario's description, as its file gives it; may be empty.
    pub description: String,
    /// The seed of the run.
    pub seed: u64,
    /// How many replications were run to their end.
    pub replications: u32,
    /// The fingerprint of every event of every replication, in order.
    pub digest: u64,
    /// Events executed, over all replications.
    pub events: u64,
    /// Customers' requests, over all replications.
    pub requests: u64,
    /// Virtual seconds of one replication.
    pub simulated_seconds: f64,
    /// Virtual seconds at the start of each replication that no figure includes.
    pub warm_up_seconds: f64,
    /// Figures, grouped by kind and subject.
    pub metrics: Vec<Metric>,
    /// Figures over time, of the first replication; "spread" alone is of all of them.
    pub series: Vec<Series>,
    /// Whole distributions, over all replications.
    pub distributions: Vec<Distribution>,
    /// What happened in the first replication, entry by entry.
    pub tables: Vec<Table>,
    /// What the scenario expects, and whether it held.
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// One figure: of whom, what, how much, how sure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What the subject is: "run", "service", "workload", "region" …
    pub kind: String,
    /// The subject's name; empty for kind "run".
    pub subject: String,
    /// What is measured, dotted from wide to narrow: "latency.p99", "failed.timeout".
    pub name: String,
    /// The figure, in `unit`.
    pub value: f64,
    /// Lower end of the 95 % confidence interval, where one can be given.
    pub low: Option<f64>,
    /// Upper end of the 95 % confidence interval, where one can be given.
    pub high: Option<f64>,
    /// "ms", "1/s", "%", "requests" …
    pub unit: String,
}

/// What was counted of a stream of requests since the beginning, warm-up included, reading by reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// What the subject is, as in [`Metric::kind`].
    pub kind: String,
    /// The subject's name.
    pub subject: String,
    /// Virtual seconds of each reading.
    pub t_s: Vec<f64>,
    /// How many had ended, by how, at each reading; those that never happened are left out.
    pub ended: Vec<(String, Vec<u64>)>,
    /// Bounds of latency in seconds, from small to large.
    pub bounds_s: Vec<f64>,
    /// By bound: how many had been answered within it at each reading.
    pub within: Vec<Vec<u64>>,
    /// The sum of the latencies of answers in seconds, at each reading.
    pub sum_s: Vec<f64>,
}

/// A customer's request, and all calls that were made for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Its own number, another for each request.
    pub number: u64,
    /// Who asked.
    pub workload: String,
    /// The calls, that of the customer first, every other behind the one for which it was made.
    pub calls: Vec<TracedCall>,
}

/// A call of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedCall {
    /// Its own number, another for each call.
    pub number: u64,
    /// The place in [`Trace::calls`] of the call for which it was made; none for the customer's.
    pub parent: Option<usize>,
    /// What was called: "shop/buy".
    pub target: String,
    /// Virtual nanoseconds when it began.
    pub from_ns: u64,
    /// Virtual nanoseconds when its caller had the end of it.
    pub to_ns: u64,
    /// How it ended: "ok", "timeout".
    pub outcome: String,
    /// How it was tried, one after the other.
    pub attempts: Vec<Attempt>,
}

/// An attempt of a [`TracedCall`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Virtual nanoseconds when it was sent.
    pub sent_ns: u64,
    /// Virtual nanoseconds when a worker took it up, if one did while the call lasted.
    pub started_ns: Option<u64>,
    /// How many nanoseconds it had waited in line then.
    pub waited_ns: u64,
    /// The replica, among all of the world.
    pub replica: Option<u32>,
}

/// An expectation and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The figure as the scenario names it, or the objective: "crowd.latency.p99".
    pub figure: String,
    /// What is demanded of it: "below 250ms".
    pub demand: String,
    /// Which part of the run was looked at: "whole run", "during faults".
    pub during: String,
    /// The figure, in `unit`; none if there was nothing to measure.
    pub value: Option<f64>,
    /// Lower end of its 95 % confidence interval, where one can be given.
    pub low: Option<f64>,
    /// Upper end of its 95 % confidence interval, where one can be given.
    pub high: Option<f64>,
    /// As [`Metric::unit`].
    pub unit: String,
    /// What that means.
    pub verdict: Verdict,
    /// Why, in words; empty where the figures say it all.
    pub reason: String,
}

/// Whether an expectation held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The whole interval is where it should be.
    Pass,
    /// The whole interval is where it should not be.
    Fail,
    /// The interval crosses the limit, or nothing was measured.
    Inconclusive,
}

impl Verdict {
    /// In one word: "pass".
    pub const fn label(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// Figures over time that share their columns, one group of rows a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// File name and plot title: "traffic", "latency", "replicas".
    pub name: String,
    /// What a group is: "service", "region" …; the header of the column that names it.
    pub kind: String,
    /// The columns of values.
    pub columns: Vec<Column>,
    /// One group a subject, in the scenario's order.
    pub groups: Vec<Group>,
}

/// A column of a [`Series`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The column's header: "desired", "p99".
    pub name: String,
    /// Its unit: "ms", "1/s".
    pub unit: String,
}

/// The rows of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The subject's name.
    pub subject: String,
    /// Virtual seconds at the end of each interval.
    pub t_s: Vec<f64>,
    /// One vector a column, each as long as `t_s`; NaN where nothing was observed.
    pub values: Vec<Vec<f64>>,
}

/// A log: what happened, entry by entry, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// File name and title: "healing", "scaling".
    pub name: String,
    /// The columns' headers, with their units: "t_s".
    pub columns: Vec<String>,
    /// The entries, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

/// A whole distribution of durations (nanoseconds).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// What the subject is, as in [`Metric::kind`].
    pub kind: String,
    /// The subject's name.
    pub subject: String,
    /// What is distributed: "latency".
    pub name: String,
    /// The observations.
    pub histogram: Histogram,
}

impl Results {
    /// The metric `name` of `subject` of `kind`, if it was measured.
    pub fn metric(&self, kind: &str, subject: &str, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.kind == kind && metric.subject == subject && metric.name == name)
    }

    /// How many checks came to `verdict`.
    pub fn checked(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }

    /// The series called `name`, if it was measured.
    pub fn series(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.name == name)
    }
}
