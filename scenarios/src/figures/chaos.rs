//! Figures of chaos: strikes, how soon they were noticed and got over; the steady state; the journal.

use models::heal::Patient;
use sim_core::results::Table;
use sim_core::{Span, Time};

use super::{Figure, Replication, plain};
use crate::measure::chaos::{AROUND, ChaosMeter, StrikeRecord};
use crate::measure::cluster::HealingEnd;
use crate::schema::Scenario;

/// Victims that a table names, of each strike.
const NAMED: usize = 5;

/// The figures of each fault and each check.
pub(super) fn figures(scenario: &Scenario, replication: &Replication) -> Vec<Figure> {
    let chaos = &replication.measure.chaos;
    let mut list = Vec::new();
    for (index, title) in scenario.fault_titles().iter().enumerate() {
        let strikes: Vec<&StrikeRecord> =
            chaos.strikes.iter().filter(|record| usize::from(record.fault.0) == index).collect();
        let figure = |metric: &str, unit, value| plain("fault", title, metric, unit, value);
        let since = |of: fn(&StrikeRecord) -> Option<Time>| {
            mean(strikes.iter().filter_map(|record| of(record).map(|at| at.since(record.begun).as_secs_f64())))
        };
        let good = |of: &dyn Fn(&StrikeRecord) -> Option<f64>| mean(strikes.iter().filter_map(|record| of(record)));
        list.push(figure("strikes", "strikes", strikes.len() as f64));
        list.push(figure("victims", "victims", strikes.iter().map(|record| f64::from(record.victims)).sum()));
        let detected = strikes.iter().filter(|record| record.detected.is_some()).count();
        list.push(figure("detected", "strikes", detected as f64));
        list.push(figure("detect.mean", "s", since(|record| record.detected)));
        list.push(figure("recover.mean", "s", since(|record| record.recovered)));
        list.push(figure("good.before", "%", good(&|record| before(chaos, record))));
        list.push(figure("good.during", "%", good(&|record| during(chaos, record, replication.end))));
        list.push(figure("good.after", "%", good(&|record| after(chaos, record, replication.end))));
    }
    for (index, name) in scenario.steady_state.keys().enumerate() {
        let figure = |metric: &str, unit, value| plain("check", name, metric, unit, value);
        let (times, span) = chaos.broken(index, replication.end);
        list.push(figure("breaks", "times", times as f64));
        list.push(figure("broken", "s", span.as_secs_f64()));
    }
    list
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { f64::NAN } else { sum / f64::from(count) }
}

fn minus(time: Time, span: Span) -> Time {
    Time::from_nanos(time.as_nanos().saturating_sub(span.as_nanos()))
}

/// The share of good requests in the minute before a strike.
fn before(chaos: &ChaosMeter, strike: &StrikeRecord) -> Option<f64> {
    chaos.good(minus(strike.begun, AROUND), strike.begun)
}

/// Until when a strike counts: until it is over; for a minute, if that is at once.
fn until(strike: &StrikeRecord, end: Time) -> Time {
    let over = strike.ended.unwrap_or(end);
    if over == strike.begun { (strike.begun + AROUND).min(end) } else { over }
}

fn during(chaos: &ChaosMeter, strike: &StrikeRecord, end: Time) -> Option<f64> {
    chaos.good(strike.begun, until(strike, end))
}

/// The share in the minute after.
fn after(chaos: &ChaosMeter, strike: &StrikeRecord, end: Time) -> Option<f64> {
    let from = until(strike, end);
    chaos.good(from, (from + AROUND).min(end))
}

fn seconds(time: Time) -> String {
    time.as_secs_f64().to_string()
}

fn since(time: Option<Time>, begun: Time) -> String {
    time.map_or_else(String::new, |time| time.since(begun).as_secs_f64().to_string())
}

/// Who was hit, the first of them by name.
fn victims(names: &[String], hit: &[Patient], all: u32) -> String {
    let mut named: Vec<String> = hit.iter().take(NAMED).map(|one| patient(names, *one)).collect();
    let more = all as usize - named.len().min(all as usize);
    if !named.is_empty() && more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(" ")
}

/// What healing.csv and others call a pod or a node.
pub(super) fn patient(names: &[String], patient: Patient) -> String {
    match patient {
        Patient::Pod(deployment, serial) => format!("{}-{serial}", names[usize::from(deployment.0)]),
        Patient::Node(node) => format!("node-{}", node.0),
    }
}

/// Every strike of one replication: when, whom, how soon noticed and got over, and what customers saw.
pub(super) fn faults(scenario: &Scenario, replication: &Replication) -> Table {
    let chaos = &replication.measure.chaos;
    let names = scenario.deployment_names();
    let titles = scenario.fault_titles();
    let share = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.3}"));
    let row = |record: &StrikeRecord| {
        vec![
            titles[usize::from(record.fault.0)].clone(),
            record.strike.0.to_string(),
            seconds(record.begun),
            record.ended.map_or_else(String::new, seconds),
            record.victims.to_string(),
            victims(&names, &record.hit, record.victims),
            since(record.detected, record.begun),
            since(record.recovered, record.begun),
            share(before(chaos, record)),
            share(during(chaos, record, replication.end)),
            share(after(chaos, record, replication.end)),
        ]
    };
    let columns = [
        "fault",
        "strike",
        "begun_s",
        "ended_s",
        "victims",
        "hit",
        "detect_s",
        "recover_s",
        "good_before_pct",
        "good_during_pct",
        "good_after_pct",
    ];
    super::cluster::table("faults", &columns, chaos.strikes.iter().map(row).collect())
}

/// What was done and what was seen, in order.
pub(super) fn journal(scenario: &Scenario, replication: &Replication) -> Table {
    let measure = &replication.measure;
    let (chaos, cluster) = (&measure.chaos, &measure.cluster);
    let names = scenario.deployment_names();
    let titles = scenario.fault_titles();
    let check = |index: u16| scenario.steady_state.get_index(usize::from(index)).map_or("", |(name, _)| name.as_str());
    // What follows from a strike in the same instant comes after it.
    let mut entries: Vec<(Time, u8, [String; 3])> = Vec::new();
    let mut note = |time: Time, order: u8, what: &str, of: &str, more: String| {
        entries.push((time, order, [what.to_owned(), of.to_owned(), more]));
    };
    for record in &chaos.strikes {
        let title = &titles[usize::from(record.fault.0)];
        note(record.begun, 0, "strike", title, victims(&names, &record.hit, record.victims));
        if let Some(ended) = record.ended.filter(|ended| *ended > record.begun) {
            note(ended, 3, "mended", title, format!("strike {}", record.strike.0));
        }
    }
    for (time, (index, holds)) in &chaos.steady.0 {
        note(*time, 1, if *holds { "steady" } else { "broken" }, check(index.0), String::new());
    }
    if let Some((time, index)) = chaos.halted {
        note(time, 2, "halted", check(index.0), "all faults are healed, and none comes".to_owned());
    }
    for (time, release, entry) in &measure.releases.log {
        let share = entry.share.map(|share| format!("at {share} %"));
        let reason = entry.reason.map(|reason| format!("({})", reason.label()));
        let how = [Some(entry.phase.label().to_owned()), share, reason].into_iter().flatten().collect::<Vec<_>>();
        note(*time, 3, "release", &scenario.releases[usize::from(release.0)].name(), how.join(" "));
    }
    for (time, (healing, end)) in &cluster.healings.0 {
        let what = match end {
            HealingEnd::Succeeded => "healed",
            HealingEnd::Failed => "not healed",
            HealingEnd::Unfinished => "not healed yet",
        };
        let ailment = healing.ailment;
        let how = format!("{} ({}), {}", ailment.action.label(), ailment.cause.label(), healing.took);
        note(*time, 4, what, &patient(&names, ailment.patient), how);
    }
    for (time, scaling) in &cluster.scalings.0 {
        let of = &names[usize::from(scaling.deployment.0)];
        note(*time, 5, "scaled", of, format!("{} to {}", scaling.from, scaling.to));
    }
    entries.sort_by_key(|(time, order, _)| (*time, *order));
    let row = |(time, _, [what, of, more]): (Time, u8, [String; 3])| vec![seconds(time), what, of, more];
    super::cluster::table("journal", &["t_s", "what", "of", "how"], entries.into_iter().map(row).collect())
}
