//! Whether what the scenario expects has come true: pass, fail or inconclusive.
//!
//! A check is about a figure like any other, of the whole run or of a part of it, and its interval
//! is made the same way: Student's over replications; with a single replication, over stretches of
//! it. A chance, such as that of a rollback, takes Wilson's. It passes if the whole interval is on the right side of the limit, fails if the whole of it
//! is on the wrong side, and is inconclusive otherwise. What has no interval, such as a count of a
//! single run, is judged by itself.

use sim_core::Span;
use sim_core::results::{Check, Verdict};
use sim_core::stats::Interval;

use super::{CHANCE, Figure, LEVEL, Replication, is_rare, load, stream};
use crate::measure::windows::{Covered, Windows};
use crate::measure::{Measure, Meter, Readings, ServiceMeter, Tally};
use crate::schema::{During, Expect, Scenario, Service};

/// What became of everything that `scenario` expects.
pub(crate) fn checks(scenario: &Scenario, replications: &[Replication]) -> Vec<Check> {
    // Several checks usually look at the same part.
    let mut parts: Vec<(During, Vec<Vec<Figure>>)> = Vec::new();
    let mut checks = Vec::new();
    for expect in &scenario.expect {
        let known = parts.iter().position(|(during, _)| *during == expect.during).unwrap_or_else(|| {
            let list = |replication| figures_of_part(scenario, replication, expect.during);
            parts.push((expect.during, replications.iter().map(list).collect()));
            parts.len() - 1
        });
        checks.extend(check(scenario, expect, &parts[known].1, replications));
    }
    checks
}

fn check(scenario: &Scenario, expect: &Expect, figures: &[Vec<Figure>], replications: &[Replication]) -> Option<Check> {
    let bounds = Bounds::of(expect, figures.first()?).ok()?;
    let mut seen: Vec<(f64, Vec<f64>)> = match &expect.slo {
        Some(workload) => replications.iter().map(|one| good(scenario, one, workload, expect)).collect(),
        None => {
            let at = find(figures.first()?, expect.metric.as_deref()?).ok()?;
            figures.iter().map(|list| (observed(list, at), list[at].sections.clone())).collect()
        }
    };
    for ((value, _), one) in seen.iter_mut().zip(replications) {
        // In no time nothing fails: that is no good news.
        if is_empty(one, expect.during) {
            *value = f64::NAN;
        }
    }
    let values: Vec<f64> = seen.iter().map(|(value, _)| *value).filter(|value| !value.is_nan()).collect();
    let sections = seen.first().map_or(&[][..], |(_, sections)| sections);
    let (value, interval) = estimate(&values, sections, replications.len(), &bounds.unit);
    let (low, high) = (interval.map(|ends| ends.0), interval.map(|ends| ends.1));
    let verdict =
        value.map_or(Verdict::Inconclusive, |value| bounds.judge(low.unwrap_or(value), high.unwrap_or(value)));
    let reason = match (value, verdict) {
        (None, _) if replications.iter().all(|one| is_empty(one, expect.during)) => {
            format!("no step of the run was {}", expect.during)
        }
        (None, _) => "nothing was observed".to_owned(),
        (Some(_), Verdict::Inconclusive) => "the interval crosses the limit; more replications narrow it".to_owned(),
        (Some(value), _) if value.is_infinite() => "no request was answered".to_owned(),
        _ => String::new(),
    };
    Some(Check {
        figure: name(expect),
        demand: bounds.demand,
        during: expect.during.to_string(),
        value,
        low,
        high,
        unit: bounds.unit,
        verdict,
        reason,
    })
}

/// The mean of what replications yielded, and its interval; of a single one that of its sections.
pub(super) fn estimate(
    values: &[f64],
    sections: &[f64],
    replications: usize,
    unit: &str,
) -> (Option<f64>, Option<(f64, f64)>) {
    if values.is_empty() {
        return (None, None);
    }
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let interval = if replications > 1 { over_replications(values, unit) } else { Interval::of(sections, LEVEL) };
    let ends = interval.filter(|interval| interval.half_width().is_finite()).map(|interval| match unit {
        CHANCE => (interval.low, interval.high),
        // That of sections is laid around the figure of the whole, which is not quite their mean.
        _ => (value - interval.half_width(), value + interval.half_width()),
    });
    (Some(value), ends)
}

/// The mean of what replications yielded, with its interval; `None` for a single one.
pub(crate) fn over_replications(values: &[f64], unit: &str) -> Option<Interval> {
    match unit {
        CHANCE if values.len() > 1 => {
            let times = values.iter().filter(|value| **value > 0.0).count();
            Interval::share(times as u64, values.len() as u64, LEVEL)
        }
        _ => Interval::of(values, LEVEL),
    }
}

/// The figure at `at`. Where requests failed and none was answered, latency has no end.
fn observed(list: &[Figure], at: usize) -> f64 {
    let figure = &list[at];
    let same =
        |other: &&Figure| (other.kind, &other.subject, other.name.as_str()) == (figure.kind, &figure.subject, "failed");
    let in_vain =
        figure.name.starts_with("latency.") && list.iter().find(same).is_some_and(|failed| failed.value > 0.0);
    if figure.value.is_nan() && in_vain { f64::INFINITY } else { figure.value }
}

/// Whether that part of the run never came.
fn is_empty(replication: &Replication, during: During) -> bool {
    replication.measure.windows.find(during).is_some_and(|(_, covered)| covered.ends.is_empty())
}

/// The share of a workload's requests that ended well and in time, in percent; of the whole and of stretches.
fn good(scenario: &Scenario, replication: &Replication, workload: &str, expect: &Expect) -> (f64, Vec<f64>) {
    let Some(index) = scenario.workloads.get_index_of(workload) else { return (f64::NAN, Vec::new()) };
    let tallies = tallies(&replication.measure.workloads[index], &replication.measure.windows, expect.during);
    let share = |tally: &Tally| {
        let late = expect.within.map_or(0.0, |within| tally.latency.fraction_above(within.as_nanos()));
        (tally.ended() > 0).then(|| 100.0 * tally.ok() as f64 * (1.0 - late) / tally.ended() as f64)
    };
    (share(&Tally::total(tallies)).unwrap_or(f64::NAN), tallies.iter().filter_map(share).collect())
}

fn tallies<'a>(meter: &'a Meter, windows: &Windows, during: During) -> &'a [Tally] {
    match windows.find(during) {
        None => &meter.sections,
        Some((at, _)) => meter.windows.get(at).map_or(&[], |stretches| &stretches.tallies),
    }
}

/// The figures of a part of the run: of streams of requests, and of what services were loaded with.
fn figures_of_part(scenario: &Scenario, replication: &Replication, during: During) -> Vec<Figure> {
    let measure = &replication.measure;
    let Some((_, covered)) = measure.windows.find(during) else { return super::figures(scenario, replication) };
    let of = |kind, name: &str, meter| stream(kind, name, tallies(meter, &measure.windows, during), covered.span);
    let mut list = of("run", "", &measure.run);
    for (name, meter) in scenario.workloads.keys().zip(&measure.workloads) {
        list.extend(of("workload", name, meter));
    }
    for (name, meter) in scenario.regions.keys().zip(&measure.regions) {
        list.extend(of("region", name, meter));
    }
    for ((name, service), meter) in scenario.services.iter().zip(&measure.services) {
        list.extend(of("service", name, &meter.calls));
        list.extend(gauges(name, service, meter, covered));
    }
    list
}

fn gauges(name: &str, service: &Service, meter: &ServiceMeter, covered: &Covered) -> Vec<Figure> {
    let gauges = meter.gauges.each_ref().map(|readings| readings.of_steps(&covered.ends));
    let mean = |readings: &Readings| {
        let count = readings.steps.len() as f64;
        readings.steps.iter().map(|(_, mean)| mean).sum::<f64>() / count
    };
    load(name, &gauges, service, &mean)
}

/// A figure that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// "crowd.latency.p99"
    pub(crate) short: String,
    /// "workloads.crowd.latency.p99", where the short name could mean two.
    pub(crate) long: String,
    /// What comes before the figure's own name.
    pub(crate) subject: String,
    pub(crate) unit: &'static str,
    /// Whether lists of what there is leave it out.
    pub(crate) rare: bool,
}

/// Every figure that a run of `scenario` yields, or a part of it.
///
/// They are those of a run of no time: the same in the same order, whatever happens.
pub(crate) fn known(scenario: &Scenario, during: During) -> Vec<Known> {
    figures_of_part(scenario, &nothing(scenario), during).iter().map(Known::of).collect()
}

fn nothing(scenario: &Scenario) -> Replication {
    let (workloads, services) = (scenario.workloads.len(), scenario.services.len());
    let regions = scenario.regions.len().max(1);
    let measure = Measure::new(workloads, regions, services, scenario.step(), Span::ZERO, Span::ZERO);
    Replication {
        measure: measure.watching(Windows::of(scenario)),
        end: sim_core::Time::ZERO,
        replicas: Vec::new(),
        node_hours: Vec::new(),
        unplaced: Vec::new(),
    }
}

impl Known {
    fn of(figure: &Figure) -> Known {
        let subject = if figure.subject.is_empty() { figure.kind } else { &figure.subject };
        let group =
            if figure.subject.is_empty() { figure.kind.to_owned() } else { format!("{}s.{subject}", figure.kind) };
        Known {
            short: format!("{subject}.{}", figure.name),
            long: format!("{group}.{}", figure.name),
            subject: subject.to_owned(),
            unit: figure.unit,
            rare: is_rare(&figure.name),
        }
    }

    /// Those that `reference` could mean.
    pub(crate) fn meant<'a>(list: &'a [Known], reference: &str) -> Vec<&'a Known> {
        list.iter().filter(|known| known.short == reference || known.long == reference).collect()
    }
}

fn find(list: &[Figure], reference: &str) -> Result<usize, ()> {
    list.iter()
        .position(|figure| {
            let known = Known::of(figure);
            known.short == reference || known.long == reference
        })
        .ok_or(())
}

fn name(expect: &Expect) -> String {
    match (&expect.slo, expect.within) {
        (Some(workload), Some(within)) => format!("{workload}: good within {within}"),
        (Some(workload), None) => format!("{workload}: good"),
        (None, _) => expect.metric.clone().unwrap_or_default(),
    }
}

/// What is demanded of a figure, in its unit.
struct Bounds {
    below: Option<f64>,
    above: Option<f64>,
    at_least: Option<f64>,
    unit: String,
    demand: String,
}

impl Bounds {
    fn of(expect: &Expect, list: &[Figure]) -> Result<Bounds, ()> {
        if let (Some(_), Some(good)) = (&expect.slo, expect.good) {
            let at_least = Some(100.0 * good.fraction());
            return Ok(Bounds {
                below: None,
                above: None,
                at_least,
                unit: "%".to_owned(),
                demand: format!("at least {good}"),
            });
        }
        let unit = list[find(list, expect.metric.as_deref().ok_or(())?)?].unit;
        let read = |limit: &Option<crate::schema::Limit>| {
            limit.as_ref().map(|limit| limit.in_unit(unit)).transpose().map_err(drop)
        };
        let texts = [("above", &expect.above), ("below", &expect.below)];
        let texts =
            texts.iter().filter_map(|(side, limit)| limit.as_ref().map(|limit| format!("{side} {}", limit.0.trim())));
        let demand = texts.collect::<Vec<_>>().join(", ");
        Ok(Bounds {
            below: read(&expect.below)?,
            above: read(&expect.above)?,
            at_least: None,
            unit: unit.to_owned(),
            demand,
        })
    }

    /// The verdict on a figure that is between `low` and `high`.
    fn judge(&self, low: f64, high: f64) -> Verdict {
        let side = |passes: bool, fails: bool| match (passes, fails) {
            (true, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            _ => Verdict::Inconclusive,
        };
        let sides = [
            self.below.map(|limit| side(high < limit, low >= limit)),
            self.above.map(|limit| side(low > limit, high <= limit)),
            self.at_least.map(|limit| side(low >= limit, high < limit)),
        ];
        let sides: Vec<Verdict> = sides.into_iter().flatten().collect();
        if sides.contains(&Verdict::Fail) {
            Verdict::Fail
        } else if sides.contains(&Verdict::Inconclusive) {
            Verdict::Inconclusive
        } else {
            Verdict::Pass
        }
    }
}
