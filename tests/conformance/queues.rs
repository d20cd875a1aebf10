//! One service against queueing formulas: M/M/1, M/M/c, M/M/c/K, Erlang's loss system, M/G/1.

use crate::check::{Check, Expected, Width};
use crate::experiment::{Experiment, Figure, Twin};
use crate::plan::{Part, limit};
use crate::table::Row;

/// The utilisation above which idle servers are a rare event.
const ALWAYS_BUSY: f64 = 0.999;

/// Seconds in which a queue of `servers` with mean service time `work` forgets its past, to 1/e.
pub(crate) fn relaxation(rho: f64, servers: f64, work: f64) -> f64 {
    let root = 1.0 - rho.sqrt();
    work / (servers * root * root)
}

/// A load that a system can bear, and what follows for its runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Customers a second.
    pub(crate) rate: f64,
    /// The share of its capacity that they take.
    pub(crate) rho: f64,
    /// Seconds in which the system forgets its past, to 1/e.
    pub(crate) memory: f64,
    /// Mean number of servers at work.
    pub(crate) working: f64,
}

impl Load {
    /// A run on these `services`, measured for so many times its memory and at least 5,000 customers.
    pub(crate) fn on(self, services: String, memories: f64) -> Experiment {
        let Load { rate, rho, memory, working } = self;
        let heavy = rho >= 0.8;
        Experiment {
            services,
            to: "server/ask".to_owned(),
            policies: String::new(),
            rate,
            fan_out: 1,
            fill: heavy.then_some((rate / rho, memory / 4.0)),
            settle: memory * if heavy { 0.75 } else { 4.0 } + 5.0 * working / rate,
            length: (memory * memories).max(5_000.0 / rate),
            replications: 32,
            controls: vec![(Figure::Working, working)],
            twin: None,
        }
    }

    /// A run on these `services`, and under heavy load one beside it on a single server as fast as
    /// all of them, which faces the very same customers. It has the same jams, and its theory is
    /// known: what chance did to it is taken out of the figures.
    pub(crate) fn beside_mm1(self, services: String) -> Experiment {
        if self.rho < 0.9 {
            return self.on(services, 12.0);
        }
        let capacity = self.rate / self.rho;
        let twin = Twin {
            services: server("workers: 1", &exponential(1.0 / capacity)),
            response: 1.0 / (capacity - self.rate),
        };
        let mut experiment = self.on(services, 4.0);
        experiment.controls.push((Figure::Twin, twin.response));
        Experiment { twin: Some(twin), replications: 8, ..experiment }
    }
}

/// The service "server" with these settings and this work.
pub(crate) fn server(settings: &str, work: &str) -> String {
    format!("\"server\": ({settings}, queue: 4000000000, endpoints: {{ \"ask\": [Work({work})] }})")
}

/// Exponential work of so many seconds on average.
pub(crate) fn exponential(mean: f64) -> String {
    format!("Exponential(mean: \"{mean}s\")")
}

/// M/M/c, or M/M/1 with c = 1.
pub(crate) fn mmc_experiment(servers: u32, rho: f64, mu: f64) -> Experiment {
    let c = f64::from(servers);
    let memory = relaxation(rho, c, 1.0 / mu) + 3.0 / mu;
    let load = Load { rate: rho * c * mu, rho, memory, working: rho * c };
    let system = server(&format!("workers: {servers}"), &exponential(1.0 / mu));
    if servers > 1 { load.beside_mm1(system) } else { load.on(system, 12.0) }
}

/// M/M/1.
pub(crate) fn mm1(row: &Row) -> Result<Vec<Part>, String> {
    let (rho, mu) = (row.number("rho")?, row.number("mu")?);
    let limit = limit(rho);
    let number = |column| row.number(column);
    let mut checks = Vec::new();
    for (column, figure) in
        [("W", Figure::Response), ("Wq", Figure::Wait), ("L", Figure::Present), ("Lq", Figure::Waiting)]
    {
        checks.push(Check::new(column, figure, number(column)?, limit * number(column)?));
    }
    let experiment = mmc_experiment(1, rho, mu);
    checks.push(Check::new("rho", Figure::Working, rho, limit * rho));
    checks.extend(quantiles(row, "T_p", Figure::ResponseAbove, &experiment, rho)?);
    Ok(vec![(experiment, checks)])
}

/// The columns of quantiles that begin with `prefix`, such as T_p99.
fn quantiles(
    row: &Row,
    prefix: &str,
    above: fn(f64) -> Figure,
    experiment: &Experiment,
    rho: f64,
) -> Result<Vec<Check>, String> {
    let columns = row.numbers_after(prefix).map(|column| {
        let (level, quantile) = column?;
        // Waits are held to a share of the response time that they are part of.
        let whole = row.number(&format!("T_p{level}")).unwrap_or(quantile);
        let check = (format!("{prefix}{level}"), above, quantile, limit(rho) * whole);
        Ok(quantile_check(check, percentile(level)?, experiment, rho))
    });
    columns.collect()
}

/// A quantile of times on a loaded system: its name, its kind, the quantile and its half width.
pub(crate) fn quantile_check(
    (name, above, quantile, half): (String, fn(f64) -> Figure, f64, f64),
    level: f64,
    experiment: &Experiment,
    rho: f64,
) -> Check {
    let share = 1.0 - level;
    let check = Check::quantile(&name, above, share, quantile, half);
    match &experiment.twin {
        Some(twin) => check.paired(twin.above(share)),
        None if quantile > 0.0 && share < 0.011 => Check { expected: Expected::Rare(share, jam(rho)), ..check },
        None => check,
    }
}

/// The index of dispersion of customers in the far tail: they come in jams, which last as long as a
/// random walk that drifts down from its overshoot stays above.
fn jam(rho: f64) -> f64 {
    4.0 * rho / ((1.0 - rho) * (1.0 - rho))
}

/// "999" is 0.999.
pub(crate) fn percentile(digits: &str) -> Result<f64, String> {
    format!("0.{digits}").parse().map_err(|_| format!("{digits:?} is no percentile"))
}

/// M/M/c.
pub(crate) fn mmc(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, rho) = (row.count("c")?, row.number("rho")?);
    let limit = limit(rho);
    let number = |column| row.number(column);
    let waited = number("erlang_C_P_wait")?;
    // A wait that hardly anybody has is measured as well as it can be.
    let half = |value: f64| match waited {
        few if few < 0.01 => Width::Any,
        few if few < 0.2 => Width::HalfOfFew(limit * value),
        _ => Width::Half(limit * value),
    };
    let check = |name, figure, expected| Check { width: half(expected), ..Check::new(name, figure, expected, 0.0) };
    let offered = number("offered_erlangs")?;
    let mut checks = vec![
        Check::new("W", Figure::Response, number("W")?, limit * number("W")?),
        check("Wq", Figure::Wait, number("Wq")?),
        check("Lq", Figure::Waiting, number("Lq")?),
        check("erlang_C_P_wait", Figure::Waited, waited),
        Check::new("offered_erlangs", Figure::Working, offered, limit * offered),
    ];
    let experiment = mmc_experiment(servers, rho, 1.0);
    checks.extend(quantiles(row, "T_p", Figure::ResponseAbove, &experiment, rho)?);
    checks.extend(quantiles(row, "Wq_p", Figure::WaitAbove, &experiment, rho)?);
    Ok(vec![(experiment, checks)])
}

/// M/M/c/K: servers and places together.
pub(crate) fn mmck(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, room) = (row.count("c")?, row.count("K_total")?);
    let (rate, blocked) = (row.number("lambda(mu=1)")?, row.number("P_block")?);
    let places = room.checked_sub(servers).ok_or("less room than servers")?;
    let utilisation = row.number("utilisation")?;
    let experiment = lossy(servers, places, rate, utilisation);
    let mut checks = vec![rare_check("P_block", blocked, &experiment)];
    for (column, figure, scale) in
        [("throughput", Figure::Throughput, 1.0), ("L", Figure::Present, 1.0), ("W", Figure::Response, 1.0)]
    {
        let expected = row.number(column)? * scale;
        checks.push(Check::new(column, figure, expected, 0.02 * expected));
    }
    let (working, idle) = (f64::from(servers) * utilisation, f64::from(servers) * (1.0 - utilisation));
    let check = Check::new("utilisation", Figure::Working, working, 0.02 * working);
    checks.push(if utilisation < ALWAYS_BUSY {
        check
    } else {
        // A server is idle once in a long while, until the next customer comes.
        Check { figure: Figure::Idle(servers), expected: Expected::Rare(idle, 2.0), ..check }
    });
    // The formula's rounding leaves a wait of 1e-31 where there is no place to wait.
    let wait = if places == 0 { 0.0 } else { row.number("Wq")? };
    checks.push(Check::new("Wq", Figure::Wait, wait, 0.02 * row.number("W")?));
    Ok(vec![(experiment, checks)])
}

/// Erlang's loss system: no place to wait.
pub(crate) fn erlang_b(row: &Row) -> Result<Vec<Part>, String> {
    let (servers, offered, blocked) = (row.count("c")?, row.number("offered_erlangs")?, row.number("P_block")?);
    let experiment = lossy(servers, 0, offered, offered * (1.0 - blocked) / f64::from(servers));
    let check = rare_check("P_block", blocked, &experiment);
    Ok(vec![(experiment, vec![check])])
}

/// Servers with few places to wait, which forget their past within a few services and fillings.
fn lossy(servers: u32, places: u32, rate: f64, utilisation: f64) -> Experiment {
    let memory = 5.0 + f64::from(places) * f64::from(places) / f64::from(servers);
    Experiment {
        services: format!(
            "\"server\": (workers: {servers}, queue: {places}, endpoints: {{ \"ask\": [Work({})] }})",
            exponential(1.0)
        ),
        to: "server/ask".to_owned(),
        policies: String::new(),
        rate,
        fan_out: 1,
        fill: None,
        settle: 4.0 * memory,
        length: (4.0 * memory).max(20_000.0 / rate),
        replications: 32,
        // What does not vary controls nothing.
        controls: (utilisation < ALWAYS_BUSY)
            .then_some((Figure::Working, f64::from(servers) * utilisation))
            .into_iter()
            .collect(),
        twin: None,
    }
}

/// A share of customers that may be too small to be judged by the scatter of the runs.
fn rare_check(name: &str, expected: f64, experiment: &Experiment) -> Check {
    let half = if expected > 0.001 { Width::Half(0.02 * expected) } else { Width::Any };
    // Losses come in bursts of about as many as the system holds.
    let check = Check { width: half, ..Check::new(name, Figure::Blocked, expected, 0.0) };
    if expected > 0.001 { check } else { Check { expected: Expected::Rare(expected, 4.0 + experiment.rate), ..check } }
}

/// M/G/1, first come first served and with the processor shared.
pub(crate) fn mg1(row: &Row) -> Result<Vec<Part>, String> {
    let (rho, rate) = (row.number("rho")?, row.number("lambda")?);
    let (mean, square) = (row.number("E[S]")?, row.number("E[S^2]")?);
    let service = row.text("service")?;
    let limit = if service.contains("pareto") { 0.05 } else { limit(rho) };
    let work = service_law(service, row.text("parameters")?, mean, square)?;
    // Large jobs make jams that last longer than those of exponential ones.
    let heaviness = (square / (2.0 * mean * mean)).max(1.0);
    let memory = relaxation(rho, 1.0, mean) * heaviness + 20.0 * mean;
    let load = Load { rate, rho, memory, working: rho };
    let (wait, response) = (row.number("Wq_FCFS")?, row.number("W_FCFS")?);
    let mut in_turn = load.on(server("workers: 1", &work), 12.0);
    // The second moment of the work is known too, where the runs can show it.
    if service != "pareto" {
        in_turn.controls.push((Figure::WorkSquare, square));
    }
    let mut checks = vec![
        Check::new("W_FCFS", Figure::Response, response, limit * response),
        Check::new("Wq_FCFS", Figure::Wait, wait, limit * response),
        Check::new("Lq", Figure::Waiting, row.number("Lq")?, limit * rate * response),
    ];
    let spread = row.number("sd_Wq_FCFS")?;
    if spread.is_finite() {
        // The mean square of the difference from the true mean has no bias, as a sample's sd has.
        let width = Width::Any;
        let variance = Check::new("sd_Wq_FCFS", Figure::WaitSpread(wait), spread * spread, 0.0);
        checks.push(Check { width, ..variance });
    }
    let shared = load.on(server("workers: None, discipline: Sharing(cores: 1)", &work), 12.0);
    let sharing = row.number("W_PS")?;
    let share_checks = vec![Check::new("W_PS", Figure::Response, sharing, limit * sharing)];
    Ok(vec![(in_turn, checks), (shared, share_checks)])
}

/// The distribution that a row names, by its first two moments and its parameters.
fn service_law(service: &str, parameters: &str, mean: f64, square: f64) -> Result<String, String> {
    let parameter = |name: &str| -> Result<f64, String> {
        let at = parameters.find(&format!("{name}=")).ok_or_else(|| format!("no {name} in {parameters:?}"))?;
        let text: String =
            parameters[at + name.len() + 1..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        text.parse().map_err(|_| format!("{name} in {parameters:?} is not a number"))
    };
    Ok(match service {
        "deterministic" => format!("\"{mean}s\""),
        "exponential" => exponential(mean),
        "lognormal" => {
            let cv = (square / (mean * mean) - 1.0).sqrt();
            format!("LogNormal(mean: \"{mean}s\", cv: {cv})")
        }
        "pareto" => {
            let alpha = parameter("alpha")?;
            format!("Pareto(low: \"{}s\", alpha: {alpha})", mean * (alpha - 1.0) / alpha)
        }
        "bounded pareto" => {
            let (alpha, low, high) = (parameter("alpha")?, parameter("low")?, parameter("high")?);
            format!("Pareto(low: \"{low}s\", alpha: {alpha}, high: \"{high}s\")")
        }
        _ => return Err(format!("unknown service law {service:?}")),
    })
}
