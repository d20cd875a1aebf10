//! Calls that fork and join: the slowest leaf is the answer's time.

use crate::check::{Check, Expected, Width};
use crate::experiment::{Experiment, Figure};
use crate::plan::Part;
use crate::queues::{exponential, percentile, quantile_check, relaxation};
use crate::table::Row;

fn forking(services: String, leaves: u32, rate: f64, settle: f64, length: f64) -> Experiment {
    Experiment {
        services,
        to: "root/ask".to_owned(),
        policies: String::new(),
        rate,
        fan_out: leaves,
        fill: None,
        settle,
        length,
        replications: 24,
        controls: Vec::new(),
        twin: None,
    }
}

/// Leaves that never queue: the maximum of n exponential times.
pub(crate) fn scatter(row: &Row) -> Result<Vec<Part>, String> {
    let leaves = row.count("n")?;
    let services = format!(
        "\"root\": (workers: None, endpoints: {{ \"ask\": [All([(to: \"leaf/get\", times: {leaves})])] }}), \
         \"leaf\": (workers: None, endpoints: {{ \"get\": [Work({})] }})",
        exponential(1.0)
    );
    // A few hundred customers each, however many leaves, and not too many at once for the caches.
    let customers = (200_000.0 / f64::from(leaves)).clamp(200.0, 20_000.0);
    let rate = (1_000.0 / f64::from(leaves)).clamp(0.1, 10.0);
    let experiment = forking(services, leaves, rate, 20.0, customers / rate);
    let mean = row.number("mean_max=H_n")?;
    let mut checks = vec![Check::new("mean_max", Figure::Response, mean, 0.02 * mean)];
    for column in row.numbers_after("max_p") {
        let (level, quantile) = column?;
        let kind = (format!("max_p{level}"), Figure::ResponseAbove as fn(f64) -> Figure, quantile, 0.02 * quantile);
        checks.push(quantile_check(kind, percentile(level)?, &experiment, 0.0));
    }
    for (column, share) in [
        ("P(any leaf over its p99)", 0.01),
        ("P(any leaf over its p99.9)", 0.001),
        ("P(any leaf over its p99.99)", 1e-4),
    ] {
        let check = Check::new(column, Figure::ResponseAbove(-libm::log(share)), row.number(column)?, 0.0);
        let expected = Expected::Rare(row.number(column)?, 1.0);
        checks.push(Check { width: Width::Any, expected, ..check });
    }
    Ok(vec![(experiment, checks)])
}

/// Leaves with a queue each: fork-join.
pub(crate) fn join(row: &Row) -> Result<Vec<Part>, String> {
    let (leaves, rho, expected) = (row.count("n")?, row.number("rho")?, row.number("W(mu=1)")?);
    let mut services = String::new();
    let mut calls = String::new();
    for leaf in 0..leaves {
        services += &format!(
            "\"leaf{leaf}\": (workers: 1, queue: 4000000000, endpoints: {{ \"get\": [Work({})] }}), ",
            exponential(1.0)
        );
        calls += &format!("(to: \"leaf{leaf}/get\"), ");
    }
    services += &format!("\"root\": (workers: None, endpoints: {{ \"ask\": [All([{calls}])] }})");
    let memory = relaxation(rho, 1.0, 1.0) + 5.0;
    let mut experiment = forking(services, leaves, rho, 3.0 * memory, (20.0 * memory).max(5_000.0 / rho));
    experiment.controls.push((Figure::Working, rho * f64::from(leaves)));
    let exact = row.text("kind")? == "exact";
    let half = if exact && rho < 0.95 { 0.02 } else { 0.05 };
    let check = Check::new("W", Figure::Response, expected, half * expected);
    // The approximation states its own error: less than 5 %.
    let expected = if exact { Expected::Exactly(expected) } else { Expected::Roughly(expected, 0.05 * expected) };
    Ok(vec![(experiment, vec![Check { expected, ..check }])])
}
