//! The cluster in sentences: how far services grew, what was healed, what it cost.

use sim_core::results::{Metric, Results};

use crate::cluster::{self, Fleet, Healed};
use crate::release::{self, Release};
use crate::words;

/// Services, and kinds of healing, that have a sentence or a clause of their own.
const TOLD: usize = 3;
/// Releases that have one: few are ever tried together, and each is what its run is about.
const RELEASES_TOLD: usize = 8;

/// A sentence a service that grew or shrank, one on healing, one on what it took.
pub(super) fn sentences(results: &Results) -> Vec<String> {
    let fleets = cluster::fleets(results);
    let resized: Vec<&Fleet<'_>> = fleets.iter().filter(|fleet| cluster::changes(fleet.desired)).collect();
    let mut sentences: Vec<String> = resized.iter().take(TOLD).map(|fleet| size(fleet, results)).collect();
    sentences.extend(rest(resized.len(), TOLD, "service", "scaled"));
    sentences.extend(unplaced(results));
    let releases = release::releases(results);
    sentences.extend(releases.iter().take(RELEASES_TOLD).map(release_told));
    sentences.extend(rest(releases.len(), RELEASES_TOLD, "release", "tried"));
    sentences.extend(healing(&cluster::healed(results)));
    sentences.extend(bill(results));
    sentences
}

/// "2 more services were scaled." What was left out must not seem not to have been.
fn rest(all: usize, told: usize, noun: &str, done: &str) -> Option<String> {
    match all.saturating_sub(told) {
        0 => None,
        1 => Some(format!("1 more {noun} was {done}.")),
        more => Some(format!("{more} more {noun}s were {done}.")),
    }
}

/// "shop: 100 to 1,000 replicas, 338 replica-hours, 14 times out, 18 times in."
fn size(fleet: &Fleet<'_>, results: &Results) -> String {
    let known = || fleet.desired.iter().copied().filter(|count| count.is_finite());
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(0.0, f64::max));
    let of_first = if results.replications > 1 { " in the first run" } else { "" };
    let mut clauses = vec![format!("{} to {} replicas{of_first}", words::count(least), words::count(most))];
    let figure = |name: &str| fleet.figure(name).map(cluster::count);
    clauses.extend(figure("replica_hours").map(|hours| format!("{hours} replica-hours")));
    let times = |name: &str, way: &str| fleet.figure(name).map(|times| format!("{} {way}", times_of(times)));
    clauses.extend(times("scaled.out", "out"));
    clauses.extend(times("scaled.in", "in"));
    format!("{}: {}.", fleet.service, clauses.join(", "))
}

/// "shop v2: rolled back (error rate), 217 requests harmed; detected after 62 s."
fn release_told(release: &Release<'_>) -> String {
    let reason = release.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
    let harmed = match release.figures[0] {
        Some(harmed) if harmed.value == 1.0 => "1 request harmed".to_owned(),
        Some(harmed) if harmed.value > 0.0 => format!("{} requests harmed", cluster::count(harmed)),
        _ => "no request harmed".to_owned(),
    };
    let detected = release.figures[2].map_or(String::new(), |_| format!("; detected after {}", release.figure(2)));
    format!("{}: {}{reason}, {harmed}{detected}.", release.name, release.outcome())
}

fn times_of(metric: &Metric) -> String {
    words::plural(metric.value, "time")
}

/// "6 pods of shop find no node at the end: 0/3 nodes are available: 3 node(s) had untolerated taint."
fn unplaced(results: &Results) -> Vec<String> {
    let rows = cluster::log(results, "unplaced").map_or(&[][..], |table| &table.rows);
    let sentence = |row: &Vec<String>| {
        let [deployment, pods, why] = row.as_slice() else { return None };
        let number: f64 = pods.parse().ok()?;
        let verb = if number == 1.0 { "finds" } else { "find" };
        Some(format!("{} of {deployment} {verb} no node at the end: {why}", words::plural(number, "pod")))
    };
    let told = rows.iter().take(TOLD).filter_map(sentence);
    let more = rows.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("Pods of {more} more find none either."));
    told.chain(more).collect()
}

/// "Healing: 58 of 60 pods replaced (node lost), 5 min 43 s on average."
fn healing(healed: &[Healed]) -> Option<String> {
    let clause = |one: &Healed| {
        let (who, what) = match one.action.as_str() {
            "restart" => ("pod", "restarted"),
            "replace" => ("pod", "replaced"),
            "drain" => ("node", "drained"),
            "rejoin" => ("node", "back"),
            other => ("case", other),
        };
        let of = words::plural(one.tried(), who);
        let took =
            if one.took_s.is_finite() { format!(", {} on average", words::lasting(one.took_s)) } else { String::new() };
        format!("{} of {of} {what} ({}){}{took}", words::count(one.succeeded), one.cause, one.under_way())
    };
    let mut clauses: Vec<String> = healed.iter().take(TOLD).map(clause).collect();
    if healed.len() > TOLD {
        let rest: f64 = healed[TOLD..].iter().map(Healed::tried).sum();
        clauses.push(format!("{} more of other kinds", words::count(rest)));
    }
    (!clauses.is_empty()).then(|| format!("Healing: {}.", clauses.join("; ")))
}

/// "Cost: $12.30 for 5.20 node-hours." Where nodes have a price.
fn bill(results: &Results) -> Option<String> {
    let metric = |name: &str| results.metric("cluster", "", name);
    let hours =
        metric("node_hours").map_or(String::new(), |hours| format!(" for {} node-hours", cluster::count(hours)));
    Some(format!("Cost: {}{hours}.", cluster::count(metric("cost")?)))
}
