//! From measured replications to results: figures with intervals, series, distributions.
//!
//! With several replications a figure is their mean and its interval is Student's. With one it is
//! that replication's, and the interval comes from the scatter of its sections; counts have none. What
//! comes true or not in each replication is a chance, and its interval is Wilson's.

mod chaos;
mod checks;
mod cluster;
mod graph;
mod release;
mod spread;

use models::cluster::DeploymentId;
use models::outcome::Outcome;
use models::schedule::Unfit;
use sim_core::results::{Column, Distribution, Group, Metric, Series, Table};
use sim_core::stats::Histogram;
use sim_core::{Span, Time};

pub(crate) use checks::{Known, checks, known, over_replications};
pub(crate) use spread::series as spread;

use crate::measure::{Measure, Meter, Readings, ServiceMeter, StepFigures, Tally};
use crate::schema::Scenario;

/// Confidence of all intervals.
const LEVEL: f64 = 0.95;

/// The unit of what came true in a replication, or did not: 1 or 0.
pub(crate) const CHANCE: &str = "of 1";

/// Services with at most this many replicas get figures for each of them.
const REPLICAS_LISTED: usize = 32;

/// Begins the names of failures by reason; those that never happened are not listed.
const FAILED_BY: &str = "failed.";

/// Whether a figure is left out where it is zero in every replication.
fn is_rare(name: &str) -> bool {
    // How long healings took is missing, not zero, where there were none.
    name.starts_with(FAILED_BY) || (name.starts_with(cluster::HEALING) && !name.ends_with(".mean"))
}

/// What one replication yielded.
pub(crate) struct Replication {
    pub(crate) measure: Measure,
    /// When it ended.
    pub(crate) end: Time,
    /// Attempts that each replica took up after the warm-up, and cores it had at work on average, by
    /// service; empty if the run ended before.
    pub(crate) replicas: Vec<Vec<(u64, f64)>>,
    /// Node-hours by pool, those of nodes without one last.
    pub(crate) node_hours: Vec<f64>,
    /// The pods that no node takes at the end, and why.
    pub(crate) unplaced: Vec<(DeploymentId, u32, Unfit)>,
}

/// A figure of one replication.
struct Figure {
    kind: &'static str,
    subject: String,
    name: String,
    unit: &'static str,
    value: f64,
    /// The same figure of each section of the run; empty where that makes no sense.
    sections: Vec<f64>,
}

/// The figures of all replications: each over those in which it makes sense, if there are any.
pub(crate) fn metrics(scenario: &Scenario, replications: &[Replication]) -> Vec<Metric> {
    let each: Vec<Vec<Figure>> = replications.iter().map(|replication| figures(scenario, replication)).collect();
    let Some(first) = each.first() else { return Vec::new() };
    let metric = |(index, figure): (usize, &Figure)| {
        let values: Vec<f64> = each.iter().map(|list| list[index].value).filter(|value| !value.is_nan()).collect();
        if values.is_empty() || (is_rare(&figure.name) && values.iter().all(|value| *value == 0.0)) {
            return None;
        }
        let (value, interval) = checks::estimate(&values, &figure.sections, replications.len(), figure.unit);
        Some(Metric {
            kind: figure.kind.to_owned(),
            subject: figure.subject.clone(),
            name: figure.name.clone(),
            value: value?,
            low: interval.map(|ends| ends.0),
            high: interval.map(|ends| ends.1),
            unit: figure.unit.to_owned(),
        })
    };
    first.iter().enumerate().filter_map(metric).collect()
}

/// The figures of one replication by itself: the same in the same order whatever happened, without
/// intervals; NaN where one makes no sense.
pub(crate) fn of_one(scenario: &Scenario, replication: &Replication) -> Vec<Metric> {
    let metric = |figure: Figure| Metric {
        kind: figure.kind.to_owned(),
        subject: figure.subject,
        name: figure.name,
        value: figure.value,
        low: None,
        high: None,
        unit: figure.unit.to_owned(),
    };
    figures(scenario, replication).into_iter().map(metric).collect()
}

/// Requests waiting and in service, over all services, in each step.
pub(crate) fn requests_in_system(scenario: &Scenario, replication: &Replication) -> Vec<f64> {
    let all = series(scenario, replication);
    let Some(queue) = all.iter().find(|series| series.name == "queue") else { return Vec::new() };
    let steps = queue.groups.first().map_or(0, |group| group.t_s.len());
    let at =
        |step: usize| queue.groups.iter().flat_map(|group| &group.values).filter_map(|column| column.get(step)).sum();
    (0..steps).map(at).collect()
}

/// The same figures in the same order whatever happened; NaN where one makes no sense.
fn figures(scenario: &Scenario, replication: &Replication) -> Vec<Figure> {
    let measure = &replication.measure;
    let span = measure.measured(replication.end);
    let mut list = Vec::new();
    list.extend(stream("run", "", &measure.run.sections, span));
    for (name, meter) in scenario.workloads.keys().zip(&measure.workloads) {
        list.extend(stream("workload", name, &meter.sections, span));
    }
    for (name, meter) in scenario.regions.keys().zip(&measure.regions) {
        list.extend(stream("region", name, &meter.sections, span));
    }
    for (index, (name, service)) in scenario.services.iter().enumerate() {
        let meter = &measure.services[index];
        list.extend(stream("service", name, &meter.calls.sections, span));
        list.push(plain("service", name, "attempts", "requests", meter.attempts as f64));
        list.extend(load(name, &meter.gauges, service, &Readings::mean));
        list.extend(waits(name, meter));
        list.extend(cluster::service(scenario, replication, index));
        let replicas = replication.replicas.get(index).map_or(&[][..], Vec::as_slice);
        if replicas.len() <= REPLICAS_LISTED && !scenario.has_cluster() {
            list.extend(replicas.iter().enumerate().flat_map(|(number, &(taken, working))| {
                let subject = format!("{name}[{number}]");
                let figure = |metric: &str, unit, value| plain("server", &subject, metric, unit, value);
                [figure("taken", "requests", taken as f64), figure("working", "cores", working)]
            }));
        }
    }
    list.extend(release::figures(scenario, replication));
    list.extend(cluster::whole(scenario, replication));
    list.extend(chaos::figures(scenario, replication));
    list
}

fn plain(kind: &'static str, subject: &str, name: &str, unit: &'static str, value: f64) -> Figure {
    Figure { kind, subject: subject.to_owned(), name: name.to_owned(), unit, value, sections: Vec::new() }
}

/// The figures of a stream of requests, counted in these sections of `span`.
fn stream(kind: &'static str, subject: &str, sections: &[Tally], span: Span) -> Vec<Figure> {
    let total = Tally::total(sections);
    let seconds = span.as_secs_f64();
    let count = |name: &str, value: u64| plain(kind, subject, name, "requests", value as f64);
    let mut list = vec![count("requests", total.begun), count("ok", total.ok()), count("failed", total.failed())];
    let failures = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_ok());
    list.extend(
        failures.map(|outcome| count(&format!("{FAILED_BY}{}", outcome.label()), total.ended[outcome as usize])),
    );
    list.push(plain(kind, subject, "rate", "1/s", total.begun as f64 / seconds));
    let mut spread = |name: &str, unit, of: &dyn Fn(&Tally) -> Option<f64>| {
        let sections = sections.iter().filter_map(of).collect();
        list.push(Figure { sections, ..plain(kind, subject, name, unit, of(&total).unwrap_or(f64::NAN)) });
    };
    spread("ok_share", "%", &|tally| (tally.ended() > 0).then(|| 100.0 * tally.ok() as f64 / tally.ended() as f64));
    spread("latency.mean", "ms", &|tally| (tally.ok() > 0).then(|| tally.latency.mean() / 1e6));
    for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)] {
        spread(&format!("latency.{name}"), "ms", &|tally| quantile_ms(&tally.latency, q));
    }
    list
}

fn quantile_ms(histogram: &Histogram, q: f64) -> Option<f64> {
    (histogram.count() > 0).then(|| histogram.quantile(q) as f64 / 1e6)
}

/// How much a service and its line were loaded, as its gauges show; `mean` is that of a gauge over the
/// time that is looked at.
fn load(
    name: &str,
    gauges: &[Readings; 4],
    service: &crate::schema::Service,
    mean: &dyn Fn(&Readings) -> f64,
) -> Vec<Figure> {
    let [busy, working, waiting, running] = gauges;
    let number = |metric: &str, readings: &Readings| Figure {
        sections: chunk_means(&readings.steps),
        ..plain("service", name, metric, "requests", mean(readings))
    };
    let share = |metric: &str, readings: &Readings, of_one: f64| Figure {
        sections: chunk_means(&shares(readings, running, of_one)),
        ..plain("service", name, metric, "%", 100.0 * mean(readings) / (of_one * mean(running)))
    };
    let mut list = Vec::new();
    list.extend(service.workers_total(1).map(|workers| share("utilisation", busy, workers)));
    list.extend(service.cores_total(1).map(|cores| share("cpu", working, cores)));
    list.push(number("in_service", busy));
    list.push(number("waiting", waiting));
    list
}

/// How long attempts at a service waited in line.
fn waits(name: &str, meter: &ServiceMeter) -> [Figure; 2] {
    let mean = if meter.waits.is_empty() { f64::NAN } else { meter.waits.mean() / 1e6 };
    let p99 = quantile_ms(&meter.waits, 0.99).unwrap_or(f64::NAN);
    [plain("service", name, "wait.mean", "ms", mean), plain("service", name, "wait.p99", "ms", p99)]
}

/// What is in use, in percent of what the running replicas have, each `of_one`.
fn shares(used: &Readings, running: &Readings, of_one: f64) -> Vec<(Time, f64)> {
    let steps = used.steps.iter().zip(&running.steps);
    steps.map(|(&(end, used), &(_, running))| (end, 100.0 * used / (of_one * running))).collect()
}

/// The means of at most twenty stretches of steps.
fn chunk_means(steps: &[(Time, f64)]) -> Vec<f64> {
    let size = steps.len().div_ceil(20).max(1);
    steps.chunks(size).map(|chunk| chunk.iter().map(|(_, mean)| mean).sum::<f64>() / chunk.len() as f64).collect()
}

/// What happened in one replication, entry by entry.
pub(crate) fn tables(scenario: &Scenario, replication: &Replication) -> Vec<Table> {
    let mut tables = cluster::tables(scenario, replication);
    tables.extend(release::table(scenario, replication));
    tables.extend(graph::table(scenario, replication));
    tables
}

/// The series of one replication.
pub(crate) fn series(scenario: &Scenario, replication: &Replication) -> Vec<Series> {
    let measure = &replication.measure;
    let workloads: Vec<_> = scenario.workloads.keys().zip(&measure.workloads).collect();
    let calls = measure.services.iter().map(|service| &service.calls);
    let calls: Vec<_> = scenario.services.keys().zip(calls).collect();
    let mut list = vec![
        counts("traffic", "workload", "offered", &workloads),
        latencies("latency", "workload", &workloads),
        counts("calls", "service", "calls", &calls),
        latencies("service_latency", "service", &calls),
    ];
    if scenario.regions.len() > 1 {
        let regions: Vec<_> = scenario.regions.keys().zip(&measure.regions).collect();
        list.push(counts("regions", "region", "offered", &regions));
        list.push(latencies("region_latency", "region", &regions));
    }
    list.push(utilisation(scenario, measure));
    list.extend(cluster::series(scenario, replication));
    list.extend(release::series(scenario, replication));
    list.push(Series {
        name: "queue".to_owned(),
        kind: "service".to_owned(),
        columns: vec![column("waiting", "requests"), column("in_service", "requests")],
        groups: scenario
            .services
            .keys()
            .zip(&measure.services)
            .map(|(name, service)| {
                let [busy, _, waiting, _] = &service.gauges;
                gauge_group(name, &[&waiting.steps, &busy.steps])
            })
            .collect(),
    });
    list
}

fn utilisation(scenario: &Scenario, measure: &Measure) -> Series {
    let groups = scenario.services.iter().enumerate().map(|(index, (name, service))| {
        let [busy, working, _, running] = &measure.services[index].gauges;
        let share = |used, of_one: Option<f64>| shares(used, running, of_one.unwrap_or(f64::NAN));
        gauge_group(name, &[&share(busy, service.workers_total(1)), &share(working, service.cores_total(1))])
    });
    Series {
        name: "utilisation".to_owned(),
        kind: "service".to_owned(),
        columns: vec![column("busy", "%"), column("cpu", "%")],
        groups: groups.collect(),
    }
}

fn column(name: &str, unit: &str) -> Column {
    Column { name: name.to_owned(), unit: unit.to_owned() }
}

fn gauge_group(subject: &str, gauges: &[&[(Time, f64)]]) -> Group {
    let t_s = gauges[0].iter().map(|(end, _)| end.as_secs_f64()).collect();
    let values = gauges.iter().map(|steps| steps.iter().map(|(_, mean)| *mean).collect());
    Group { subject: subject.to_owned(), t_s, values: values.collect() }
}

type Streams<'a> = [(&'a String, &'a Meter)];

/// A series of one row a step.
fn stepped(
    name: &str,
    kind: &str,
    columns: [Column; 3],
    streams: &Streams<'_>,
    row: impl Fn(Span, &StepFigures) -> [f64; 3],
) -> Series {
    let group = |(subject, meter): &(&String, &Meter)| {
        let mut values = vec![Vec::new(); 3];
        for step in &meter.steps {
            let figures = row(step.length, step);
            values.iter_mut().zip(figures).for_each(|(column, figure)| column.push(figure));
        }
        Group {
            subject: (*subject).clone(),
            t_s: meter.steps.iter().map(|step| step.end.as_secs_f64()).collect(),
            values,
        }
    };
    let groups = streams.iter().map(group).collect();
    Series { name: name.to_owned(), kind: kind.to_owned(), columns: columns.into(), groups }
}

/// Begun, answered and failed requests a second.
fn counts(name: &str, kind: &str, begun: &str, streams: &Streams<'_>) -> Series {
    let columns = [begun, "ok", "failed"].map(|name| column(name, "1/s"));
    stepped(name, kind, columns, streams, |length, step| {
        [step.begun, step.ok, step.failed].map(|count| count as f64 / length.as_secs_f64())
    })
}

/// Latency percentiles of each step.
fn latencies(name: &str, kind: &str, streams: &Streams<'_>) -> Series {
    let columns = ["p50", "p95", "p99"].map(|name| column(name, "ms"));
    stepped(name, kind, columns, streams, |_, step| {
        step.quantiles.map_or([f64::NAN; 3], |quantiles| quantiles.map(|nanos| nanos as f64 / 1e6))
    })
}

/// Whole distributions of latency, over all replications.
pub(crate) fn distributions(scenario: &Scenario, replications: &[Replication]) -> Vec<Distribution> {
    let pooled = |kind: &str, subject: &String, of: &dyn Fn(&Measure) -> Tally| {
        let mut histogram = Histogram::default();
        replications.iter().for_each(|replication| histogram.merge(&of(&replication.measure).latency));
        Distribution { kind: kind.to_owned(), subject: subject.clone(), name: "latency".to_owned(), histogram }
    };
    let workloads = scenario.workloads.keys().enumerate();
    let workloads =
        workloads.map(|(index, name)| pooled("workload", name, &|measure| measure.workloads[index].total()));
    let services = scenario.services.keys().enumerate();
    let services =
        services.map(|(index, name)| pooled("service", name, &|measure| measure.services[index].calls.total()));
    workloads.chain(services).collect()
}
