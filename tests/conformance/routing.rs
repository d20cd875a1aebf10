//! Ways to spread customers over servers: exact results, limits, and a long simulation by others.

use crate::check::{Check, Expected};
use crate::experiment::{Experiment, Figure};
use crate::plan::{Part, limit};
use crate::queues::{Load, exponential, mmc_experiment, quantile_check, relaxation};
use crate::table::Row;

/// How many servers stand for infinitely many: what is left of the finite number is half a percent
/// at a load of 0.99, a tenth of the half width that is allowed there, and less than a tenth of that
/// at 0.9.
const MANY: u32 = 2_000;

/// Servers of rate 1 behind a balancer.
fn fleet(servers: u32, rho: f64, balancer: &str) -> Experiment {
    let n = f64::from(servers);
    // Blind balancers leave each server to its own past, which is shorter where arrivals are regular;
    // the others share one.
    let blind = match balancer {
        "Random()" => Some(1.0),
        "RoundRobin()" => Some((1.0 + 1.0 / n) / 2.0),
        _ => None,
    };
    let memory = match blind {
        Some(variability) => relaxation(rho, 1.0, 1.0) * variability + 3.0,
        // Mitzenmacher's equations forget within 1.3 / (1 - rho).
        None => relaxation(rho, n, 1.0) + 4.0 / (1.0 - rho),
    };
    let load = Load { rate: rho * n, rho, memory, working: rho * n };
    let services = format!(
        "\"server\": (replicas: {servers}, workers: 1, queue: 4000000000, balancer: {balancer}, \
         endpoints: {{ \"ask\": [Work({})] }})",
        exponential(1.0)
    );
    // A large fleet shows a lot in little time.
    let (memories, replications) = match memory * n {
        customers if customers < 1e5 => (8.0, 32),
        customers if customers < 1e6 => (4.0, 16),
        _ => (1.0, 10),
    };
    match blind {
        Some(_) => Experiment { replications, ..load.on(services, memories) },
        None => load.beside_mm1(services),
    }
}

/// Random, round robin, one shared queue, and power of d choices among infinitely many.
pub(crate) fn exact(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, rho) = (row.count("servers")?, row.number("rho")?);
    let check = |column: &str| {
        let expected = row.number(column)?;
        Ok::<_, String>(Check::new(column, Figure::Response, expected, limit(rho) * expected))
    };
    let quantile = |column: &str, experiment: &Experiment| {
        let expected = row.number(column)?;
        let kind = (column.to_owned(), Figure::ResponseAbove as fn(f64) -> Figure, expected, 0.1 * expected);
        Ok::<_, String>(quantile_check(kind, 0.99, experiment, rho))
    };
    let mut parts = Vec::new();
    for (balancer, mean, p99) in
        [("Random()", "W_random", "T_p99_random"), ("RoundRobin()", "W_round_robin", "T_p99_round_robin")]
    {
        let experiment = fleet(servers, rho, balancer);
        let checks = vec![check(mean)?, quantile(p99, &experiment)?];
        parts.push((experiment, checks));
    }
    parts.push((mmc_experiment(servers, rho, 1.0), vec![check("W_one_shared_queue_MMc")?]));
    for (choices, column) in [(2, "W_power_of_2_n_to_infinity"), (3, "W_power_of_3_n_to_infinity")] {
        let balancer = format!("PowerOfChoices(choices: {choices})");
        let mut many = fleet(MANY, rho, &balancer);
        many.twin = None;
        many.controls.truncate(1);
        // Integrating Mitzenmacher's equations shows that from an empty start all but a thousandth is
        // there after this time.
        many.settle = 8.0 / (1.0 - rho);
        many.fill = None;
        many.length = 1.0 / (1.0 - rho);
        many.replications = 6;
        parts.push((many, vec![check(column)?]));
    }
    Ok(parts)
}

/// "2, distinct" is two and the rest.
fn of_choices(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    Some((digits.parse().ok()?, rest))
}

/// The balancer that a policy's name means.
fn balancer(policy: &str) -> Result<String, String> {
    if let Some((choices, sampling)) = policy.strip_prefix("power of ").and_then(of_choices) {
        return match sampling.trim_start_matches(',').trim() {
            "distinct" | "without replacement" => Ok(format!("PowerOfChoices(choices: {choices}, sampling: Distinct)")),
            "with repetition" | "with replacement" => {
                Ok(format!("PowerOfChoices(choices: {choices}, sampling: Repetition)"))
            }
            other => Err(format!("unknown sampling {other:?}")),
        };
    }
    match policy {
        "JSQ" | "join shortest queue" => Ok("LeastConnections(ties: Random)".to_owned()),
        "join idle queue, else random" => Ok("JoinIdleQueue()".to_owned()),
        "round robin" => Ok("RoundRobin()".to_owned()),
        "random" => Ok("Random()".to_owned()),
        _ => Err(format!("unknown policy {policy:?}")),
    }
}

/// Few servers, by an exact chain.
pub(crate) fn small(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, rho, expected) = (row.count("servers")?, row.number("rho")?, row.number("W(mu=1)")?);
    let experiment = fleet(servers, rho, &balancer(row.text("policy")?)?);
    Ok(vec![(experiment, vec![Check::new("W", Figure::Response, expected, limit(rho) * expected)])])
}

/// Ten and a hundred servers, by a simulation of 3e8 steps with an interval of its own.
pub(crate) fn policies(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, rho, expected) = (row.count("servers")?, row.number("rho")?, row.number("W(mu=1)")?);
    let theirs = row.number("ci95_half_width")? / 1.96;
    let experiment = fleet(servers, rho, &balancer(row.text("policy")?)?);
    let check = Check::new("W", Figure::Response, expected, limit(rho) * expected);
    Ok(vec![(experiment, vec![Check { expected: Expected::Measured(expected, theirs), ..check }])])
}
