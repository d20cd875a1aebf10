//! Figures of the cluster: replicas, scaling, healing, probes, nodes and what they cost.

use models::cluster::ClusterGauge;
use models::heal::{Action, Cause};
use models::pod::probe::ProbeKind;
use sim_core::Time;
use sim_core::results::{Group, Series, Table};

use super::{Figure, Replication, chaos, column, plain};
use crate::measure::cluster::{ClusterMeter, DeploymentMeter, HealingEnd};
use crate::schema::Scenario;

/// The figures of a service's replicas, where their number can change.
pub(super) fn service(scenario: &Scenario, replication: &Replication, index: usize) -> Vec<Figure> {
    if !scenario.has_cluster() {
        return Vec::new();
    }
    let (name, service) = scenario.services.get_index(index).expect("a service of the scenario");
    let measure = &replication.measure;
    let meters: Vec<&DeploymentMeter> = deployments(scenario, index, &measure.cluster).collect();
    let figure = |metric: &str, unit, value| plain("service", name, metric, unit, value);
    let counts = totals(&meters);
    let most = |of: fn(&(Time, u32, u32)) -> u32| counts.iter().map(of).max().map_or(f64::NAN, f64::from);
    let running = &measure.services[index].gauges[3];
    let hours = measure.measured(replication.end).as_secs_f64() / 3_600.0;
    let sum = |of: fn(&DeploymentMeter) -> u64| meters.iter().map(|meter| of(meter)).sum::<u64>() as f64;
    let mut list = vec![
        figure("replicas.mean", "replicas", running.mean()),
        figure("replicas.desired.max", "replicas", most(|&(_, desired, _)| desired)),
        figure("replicas.ready.max", "replicas", most(|&(_, _, ready)| ready)),
        figure("replicas.desired.end", "replicas", counts.last().map_or(f64::NAN, |last| f64::from(last.1))),
        figure("replica_hours", "h", running.mean() * hours),
    ];
    if scenario.is_scaled(service) {
        list.push(figure("scaled.out", "times", sum(|meter| meter.scaled_out)));
        list.push(figure("scaled.in", "times", sum(|meter| meter.scaled_in)));
        let errors: Vec<f64> = meters
            .iter()
            .filter(|meter| meter.forecast_error.count() > 0)
            .map(|meter| meter.forecast_error.mean())
            .collect();
        let error = if errors.is_empty() { f64::NAN } else { 100.0 * errors.iter().sum::<f64>() / errors.len() as f64 };
        list.push(figure("forecast_error", "%", error));
    }
    for (kind, label) in PROBES {
        if !has_probe(service, kind) {
            continue;
        }
        let count = |which: fn(&(u64, u64)) -> u64| {
            meters.iter().filter_map(|meter| meter.probes.get(&kind)).map(which).sum::<u64>()
        };
        list.push(figure(&format!("probes.{label}.ok"), "probes", count(|&(ok, _)| ok) as f64));
        list.push(figure(&format!("probes.{label}.failed"), "probes", count(|&(_, failed)| failed) as f64));
    }
    list
}

const PROBES: [(ProbeKind, &str); 4] = [
    (ProbeKind::Startup, "startup"),
    (ProbeKind::Liveness, "liveness"),
    (ProbeKind::Readiness, "readiness"),
    (ProbeKind::Deep, "deep"),
];

fn has_probe(service: &crate::schema::Service, kind: ProbeKind) -> bool {
    service.probes().into_iter().any(|(other, settings)| other == kind && settings.is_some())
}

/// The figures of the cluster as a whole.
pub(super) fn whole(scenario: &Scenario, replication: &Replication) -> Vec<Figure> {
    if !scenario.has_cluster() {
        return Vec::new();
    }
    let cluster = &replication.measure.cluster;
    let figure = |metric: &str, unit, value| plain("cluster", "", metric, unit, value);
    let mean = |gauge: ClusterGauge| mean_of(cluster.census.iter().map(|(_, values)| values[gauge as usize] as f64));
    let share = |of: ClusterGauge, whole: ClusterGauge| {
        100.0 * mean(of) / Some(mean(whole)).filter(|whole| *whole > 0.0).unwrap_or(f64::NAN)
    };
    let memory_used = if knows_memory(scenario) {
        share(ClusterGauge::MemoryUsed, ClusterGauge::MemoryAllocatable)
    } else {
        f64::NAN
    };
    let mut list = vec![
        figure("nodes", "nodes", mean(ClusterGauge::Nodes)),
        figure("nodes.ready", "nodes", mean(ClusterGauge::ReadyNodes)),
        figure("pods.pending", "pods", mean(ClusterGauge::PendingPods)),
        figure("pods.running", "pods", mean(ClusterGauge::RunningPods)),
        figure("pods.ending", "pods", mean(ClusterGauge::EndingPods)),
        figure("cpu.requested", "%", share(ClusterGauge::CpuRequested, ClusterGauge::CpuAllocatable)),
        figure("cpu.used", "%", share(ClusterGauge::CpuUsed, ClusterGauge::CpuAllocatable)),
        figure("memory.requested", "%", share(ClusterGauge::MemoryRequested, ClusterGauge::MemoryAllocatable)),
        figure("memory.used", "%", memory_used),
        figure("node_hours", "h", replication.node_hours.iter().sum()),
        figure("commands", "commands", cluster.commands as f64),
        figure("unschedulable", "attempts", cluster.unschedulable as f64),
    ];
    let prices = scenario.nodes.values().map(|pool| pool.price);
    let cost: f64 = prices.zip(&replication.node_hours).map(|(price, hours)| price * hours).sum();
    if scenario.nodes.values().any(|pool| pool.price > 0.0) {
        list.push(figure("cost", "$", cost));
    }
    for (cause, action) in Cause::ALL.into_iter().flat_map(|cause| ACTIONS.map(|action| (cause, action))) {
        let name = |what: &str| format!("{HEALING}{}.{}.{what}", action.label(), cause.label());
        let healed = cluster.healed.get(&(cause, action)).cloned().unwrap_or_default();
        list.push(figure(&name("succeeded"), "times", healed.succeeded as f64));
        list.push(figure(&name("failed"), "times", healed.failed as f64));
        list.push(figure(&name("unfinished"), "times", healed.unfinished as f64));
        let took = if healed.took.count() > 0 { healed.took.mean() } else { f64::NAN };
        list.push(figure(&name("mean"), "s", took));
    }
    list
}

/// Whether it is said of any service how much memory it uses.
fn knows_memory(scenario: &Scenario) -> bool {
    scenario.services.values().any(|service| service.memory.is_some())
}

/// Begins the names of healings; those that never happened are not listed.
pub(super) const HEALING: &str = "healing.";

const ACTIONS: [Action; 4] = [Action::Restart, Action::Replace, Action::Drain, Action::Rejoin];

fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { f64::NAN } else { sum / f64::from(count) }
}

/// The meters of a service's deployments: one a group, in the order of the file.
fn deployments<'a>(
    scenario: &Scenario,
    index: usize,
    cluster: &'a ClusterMeter,
) -> impl Iterator<Item = &'a DeploymentMeter> {
    let groups = |service: &crate::schema::Service| service.groups.len().max(1);
    let before: usize = scenario.services.values().take(index).map(groups).sum();
    cluster.deployments.iter().skip(before).take(groups(&scenario.services[index]))
}

/// Desired and ready replicas of several deployments together, sample by sample.
fn totals(meters: &[&DeploymentMeter]) -> Vec<(Time, u32, u32)> {
    let mut totals: Vec<(Time, u32, u32)> = Vec::new();
    for meter in meters {
        for (at, &(time, desired, ready)) in meter.counts.iter().enumerate() {
            match totals.get_mut(at) {
                Some(total) => (total.1, total.2) = (total.1 + desired, total.2 + ready),
                None => totals.push((time, desired, ready)),
            }
        }
    }
    totals
}

/// Replicas over time, by service; the cluster over time.
pub(super) fn series(scenario: &Scenario, replication: &Replication) -> Vec<Series> {
    if !scenario.has_cluster() {
        return Vec::new();
    }
    let cluster = &replication.measure.cluster;
    let group = |(index, name): (usize, &String)| {
        let meters: Vec<&DeploymentMeter> = deployments(scenario, index, cluster).collect();
        let counts = totals(&meters);
        Group {
            subject: name.clone(),
            t_s: counts.iter().map(|(time, ..)| time.as_secs_f64()).collect(),
            values: vec![
                counts.iter().map(|&(_, desired, _)| f64::from(desired)).collect(),
                counts.iter().map(|&(.., ready)| f64::from(ready)).collect(),
            ],
        }
    };
    let replicas = Series {
        name: "replicas".to_owned(),
        kind: "service".to_owned(),
        columns: vec![column("desired", "replicas"), column("ready", "replicas")],
        groups: scenario.services.keys().enumerate().map(group).collect(),
    };
    vec![replicas, census(cluster, knows_memory(scenario))]
}

/// Nodes and pods over time, and how full the nodes are; of their memory only what is known.
fn census(cluster: &ClusterMeter, knows_memory: bool) -> Series {
    const COUNTS: [(ClusterGauge, &str, &str); 5] = [
        (ClusterGauge::Nodes, "nodes", "nodes"),
        (ClusterGauge::ReadyNodes, "ready_nodes", "nodes"),
        (ClusterGauge::PendingPods, "pending_pods", "pods"),
        (ClusterGauge::RunningPods, "running_pods", "pods"),
        (ClusterGauge::EndingPods, "ending_pods", "pods"),
    ];
    const SHARES: [(ClusterGauge, ClusterGauge, &str); 4] = [
        (ClusterGauge::CpuRequested, ClusterGauge::CpuAllocatable, "cpu_requested"),
        (ClusterGauge::CpuUsed, ClusterGauge::CpuAllocatable, "cpu_used"),
        (ClusterGauge::MemoryRequested, ClusterGauge::MemoryAllocatable, "memory_requested"),
        (ClusterGauge::MemoryUsed, ClusterGauge::MemoryAllocatable, "memory_used"),
    ];
    let read = |gauge: ClusterGauge| cluster.census.iter().map(move |(_, values)| values[gauge as usize] as f64);
    let counts = COUNTS.iter().map(|(gauge, ..)| read(*gauge).collect());
    let share = |of: ClusterGauge, whole: ClusterGauge| {
        let known = knows_memory || of != ClusterGauge::MemoryUsed;
        let share = move |(of, whole)| if known { 100.0 * of / whole } else { f64::NAN };
        read(of).zip(read(whole)).map(share).collect()
    };
    let shares = SHARES.iter().map(|&(of, whole, _)| share(of, whole));
    let columns = COUNTS.iter().map(|(_, name, unit)| column(name, unit));
    Series {
        name: "cluster".to_owned(),
        kind: "run".to_owned(),
        columns: columns.chain(SHARES.iter().map(|(.., name)| column(name, "%"))).collect(),
        groups: vec![Group {
            subject: String::new(),
            t_s: cluster.census.iter().map(|(time, _)| time.as_secs_f64()).collect(),
            values: counts.chain(shares).collect(),
        }],
    }
}

/// What happened to the cluster in one replication, entry by entry.
pub(super) fn tables(scenario: &Scenario, replication: &Replication) -> Vec<Table> {
    if !scenario.has_cluster() {
        return Vec::new();
    }
    let cluster = &replication.measure.cluster;
    let names = scenario.deployment_names();
    let seconds = |time: Time| time.as_secs_f64().to_string();
    let healings = cluster.healings.0.iter().map(|(time, (healing, end))| {
        let what = chaos::patient(&names, healing.ailment.patient);
        let (why, action) = (healing.ailment.cause.label(), healing.ailment.action.label());
        let success = match end {
            HealingEnd::Succeeded => "yes",
            HealingEnd::Failed => "no",
            HealingEnd::Unfinished => "under way",
        };
        vec![
            seconds(*time),
            what,
            why.to_owned(),
            action.to_owned(),
            success.to_owned(),
            healing.took.as_secs_f64().to_string(),
        ]
    });
    let scalings = cluster.scalings.0.iter().map(|(time, scaling)| {
        let name = names[usize::from(scaling.deployment.0)].clone();
        vec![seconds(*time), name, scaling.from.to_string(), scaling.to.to_string(), scaling.reason.label().to_owned()]
    });
    let unplaced = replication.unplaced.iter().map(|(deployment, pods, unfit)| {
        vec![names[usize::from(deployment.0)].clone(), pods.to_string(), unfit.to_string()]
    });
    let mut tables = vec![
        table("unplaced", &["deployment", "pods", "why"], unplaced.collect()),
        table("healing", &["t_s", "what", "why", "action", "success", "took_s"], healings.collect()),
        table("scaling", &["t_s", "deployment", "from", "to", "reason"], scalings.collect()),
        chaos::faults(scenario, replication),
    ];
    if !(scenario.faults.is_empty() && scenario.steady_state.is_empty()) {
        tables.push(chaos::journal(scenario, replication));
    }
    tables
}

pub(super) fn table(name: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { name: name.to_owned(), columns: columns.iter().map(|&column| column.to_owned()).collect(), rows }
}
