//! Figures of releases: how they ended, whom they harmed, how soon that was noticed and over.

use models::cluster::ReleaseId;
use models::rollout::Phase;
use sim_core::results::{Group, Series, Table};

use super::{CHANCE, Figure, Replication, column, plain};
use crate::measure::release::{ReleaseMeter, VersionCount};
use crate::schema::{FIRST_VERSION, Scenario};

/// The figures of each release.
pub(super) fn figures(scenario: &Scenario, replication: &Replication) -> Vec<Figure> {
    let meters = &replication.measure.releases.releases;
    let of = |(index, release): (usize, &crate::schema::Release)| {
        let meter = meters.get(&ReleaseId(index as u16)).cloned().unwrap_or_default();
        one(&release.name(), &meter)
    };
    scenario.releases.iter().enumerate().flat_map(of).collect()
}

fn one(name: &str, meter: &ReleaseMeter) -> Vec<Figure> {
    let figure = |metric: &str, unit, value| plain("release", name, metric, unit, value);
    let ended = |phase| f64::from(meter.ended.is_some_and(|(_, end)| end == phase));
    let harmed_since = meter.harmed_first.or(meter.began);
    let seconds = |from: Option<sim_core::Time>, to: Option<sim_core::Time>| match (from, to) {
        (Some(from), Some(to)) if to >= from => to.since(from).as_secs_f64(),
        _ => f64::NAN,
    };
    // Without a rollback nobody has noticed anything, and nothing is over.
    let back = meter.detected.is_some();
    // The last that was harmed may have been so before it was found out.
    let recovered = meter.harmed_last.max(meter.detected).filter(|_| back);
    vec![
        figure("promoted", CHANCE, ended(Phase::Promoted)),
        figure("rolled_back", CHANCE, ended(Phase::RolledBack)),
        figure("took", "s", seconds(meter.began, meter.ended.map(|(at, _)| at))),
        figure("harmed", "requests", meter.harmed as f64),
        figure("users_harmed", "users", meter.users.len() as f64),
        figure("detect", "s", seconds(harmed_since, meter.detected)),
        figure("recover", "s", seconds(meter.harmed_first, recovered)),
        figure("judged", "requests", if meter.judged > 0 { meter.judged as f64 } else { f64::NAN }),
    ]
}

/// Each version's share of the traffic, its errors and its pods, over time.
pub(super) fn series(scenario: &Scenario, replication: &Replication) -> Option<Series> {
    if scenario.releases.is_empty() {
        return None;
    }
    let mut groups = Vec::new();
    for (index, (name, service)) in scenario.services.iter().enumerate() {
        let releases = || scenario.releases.iter().enumerate().filter(|(_, release)| release.service == *name);
        if releases().next().is_none() {
            continue;
        }
        let base: usize = scenario.services.values().map(|one| one.groups.len().max(1)).sum();
        let head: usize = scenario.services.values().take(index).map(|one| one.groups.len().max(1)).sum();
        let present = format!("{name} {}", service.version.as_deref().unwrap_or(FIRST_VERSION));
        let versions =
            std::iter::once((head, present)).chain(releases().map(|(number, release)| (base + number, release.name())));
        let counts: Vec<(String, &[VersionCount])> = versions
            .map(|(id, name)| {
                (name, replication.measure.releases.versions.get(&(id as u16)).map_or(&[][..], Vec::as_slice))
            })
            .collect();
        let all: Vec<u64> = (0..counts.first().map_or(0, |(_, first)| first.len()))
            .map(|at| counts.iter().map(|(_, of)| of[at].requests).sum())
            .collect();
        groups.extend(counts.into_iter().map(|(name, of)| group(name, of, &all)));
    }
    Some(Series {
        name: "versions".to_owned(),
        kind: "version".to_owned(),
        columns: vec![column("share", "%"), column("error_rate", "%"), column("ready", "replicas")],
        groups,
    })
}

fn group(subject: String, counts: &[VersionCount], all: &[u64]) -> Group {
    let mut values = vec![Vec::new(); 3];
    for (at, pair) in counts.windows(2).enumerate() {
        let (requests, errors) = (pair[1].requests - pair[0].requests, pair[1].errors - pair[0].errors);
        let share = 100.0 * requests as f64 / (all[at + 1] - all[at]) as f64;
        values[0].push(share);
        values[1].push(100.0 * errors as f64 / requests as f64);
        values[2].push(f64::from(pair[1].ready));
    }
    Group { subject, t_s: counts.iter().skip(1).map(|count| count.at.as_secs_f64()).collect(), values }
}

/// What happened to each release, entry by entry.
pub(super) fn table(scenario: &Scenario, replication: &Replication) -> Option<Table> {
    if scenario.releases.is_empty() {
        return None;
    }
    let percent = |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!("{:.3}", 100.0 * rate));
    let rows = replication.measure.releases.log.iter().map(|(time, id, entry)| {
        let release = &scenario.releases[usize::from(id.0)];
        vec![
            time.as_secs_f64().to_string(),
            release.service.clone(),
            release.version.name.clone(),
            entry.phase.label().to_owned(),
            entry.share.map_or_else(String::new, |share| share.to_string()),
            percent(entry.error_rates[0]),
            percent(entry.error_rates[1]),
            entry.reason.map_or_else(String::new, |reason| reason.label().to_owned()),
        ]
    });
    let columns = ["t_s", "service", "release", "phase", "share_pct", "old_errors_pct", "new_errors_pct", "reason"];
    let columns = columns.map(str::to_owned).to_vec();
    Some(Table { name: "releases".to_owned(), columns, rows: rows.collect() })
}
