//! A run as a monitoring system would have seen it: for promtool, dashboards, one's own alert rules.
//!
//! [`over_time`] is OpenMetrics, all readings of the first replication with their times, which
//! `promtool tsdb create-blocks-from openmetrics` turns into blocks of Prometheus' storage; alert
//! rules can then be tried on a simulated incident. [`at_end`] is Prometheus' text format, the last
//! reading without a time, as a server would have shown it on `/metrics`.
//!
//! Counters and histograms rise from the very beginning. Virtual time zero is the beginning of the
//! year 2000 (UTC), so that the same run gives the same bytes. Source: the OpenMetrics
//! specification 1.0; left out: exemplars, created timestamps.

use sim_core::results::{Counters, Results, Series};

use crate::exposition::{self, Labels, help, histogram, sample};

/// Seconds since 1970 at which virtual time begins.
pub const EPOCH: f64 = 946_684_800.0;

/// All readings, in OpenMetrics.
pub fn over_time(results: &Results, counters: &[Counters]) -> String {
    let mut page = Page { text: String::new(), timed: true };
    page.write(results, counters);
    page.text.push_str("# EOF\n");
    page.text
}

/// The last reading, in Prometheus' text format.
pub fn at_end(results: &Results, counters: &[Counters]) -> String {
    let mut page = Page { text: String::new(), timed: false };
    page.write(results, counters);
    page.text
}

/// What is counted of subjects of a kind: requests, and how long they took.
const STREAMS: [(&str, &str, &str, &str); 2] = [
    ("workload", "requests", "Customers' requests that ended, by outcome.", "How long customers waited for answers."),
    ("service", "calls", "Calls of services that ended, by outcome.", "How long callers waited for answers."),
];

struct Page {
    text: String,
    /// Whether all readings are shown, with their times, or the last without.
    timed: bool,
}

impl Page {
    fn write(&mut self, results: &Results, counters: &[Counters]) {
        for (kind, what, about, about_duration) in STREAMS {
            let of_kind = || counters.iter().filter(|one| one.kind == kind);
            // A family of nothing would be a name that no sample follows.
            if of_kind().next().is_none() {
                continue;
            }
            let name = format!("gameday_{what}");
            self.head(&name, "counter", about);
            of_kind().for_each(|one| self.counts(&format!("{name}_total"), one));
            let name = format!("gameday_{}_duration_seconds", what.trim_end_matches('s'));
            self.head(&name, "histogram", about_duration);
            of_kind().for_each(|one| self.durations(&name, one));
        }
        for series in &results.series {
            for column in 0..series.columns.len() {
                self.gauge(series, column);
            }
        }
    }

    fn head(&mut self, name: &str, kind: &str, about: &str) {
        // OpenMetrics names counters without their ending, the older format with it.
        let ending = if kind == "counter" && !self.timed { "_total" } else { "" };
        let about = help(about);
        self.text.push_str(&format!("# HELP {name}{ending} {about}\n# TYPE {name}{ending} {kind}\n"));
    }

    /// The readings to show: their places and times.
    fn readings(&self, t_s: &[f64]) -> Vec<(usize, Option<String>)> {
        let first = if self.timed { 0 } else { t_s.len().saturating_sub(1) };
        let time = |at: usize| self.timed.then(|| format!("{:.3}", EPOCH + t_s[at]));
        (first..t_s.len()).map(|at| (at, time(at))).collect()
    }

    fn counts(&mut self, name: &str, counters: &Counters) {
        for (outcome, counts) in &counters.ended {
            let labels: Labels<'_> = &[(&counters.kind, &counters.subject), ("outcome", outcome)];
            for (at, time) in self.readings(&counters.t_s) {
                sample(&mut self.text, name, labels, counts[at] as f64, time.as_deref());
            }
        }
    }

    fn durations(&mut self, name: &str, counters: &Counters) {
        let labels: Labels<'_> = &[(&counters.kind, &counters.subject)];
        let answered = counters.ended.iter().find(|(outcome, _)| outcome == "ok").map(|(_, counts)| counts);
        for (at, time) in self.readings(&counters.t_s) {
            let buckets: Vec<(f64, u64)> =
                counters.bounds_s.iter().zip(&counters.within).map(|(bound, within)| (*bound, within[at])).collect();
            let count = answered.map_or(0, |counts| counts[at]);
            histogram(&mut self.text, name, labels, (&buckets, count, counters.sum_s[at]), time.as_deref());
        }
    }

    /// A column of a series that is a level; rates and latencies are what counters are for.
    fn gauge(&mut self, series: &Series, column: usize) {
        let unit = series.columns[column].unit.as_str();
        let (ending, factor) = match unit {
            "1/s" | "ms" => return,
            "%" => ("_ratio", 0.01),
            _ => ("", 1.0),
        };
        let known = |values: &[f64]| values.iter().any(|value| !value.is_nan());
        if !series.groups.iter().any(|group| known(&group.values[column])) {
            return;
        }
        let name = exposition::name(&format!("gameday_{}_{}{ending}", series.name, series.columns[column].name));
        let of = if unit == "%" { "Share".to_owned() } else { format!("Number of {unit}") };
        self.head(&name, "gauge", &format!("{of}: {} of {}.", series.columns[column].name, series.name));
        for group in &series.groups {
            let label = [(series.kind.as_str(), group.subject.as_str())];
            let labels: Labels<'_> = if series.kind == "run" { &[] } else { &label };
            for (at, time) in self.readings(&group.t_s) {
                let value = group.values[column][at] * factor;
                if !value.is_nan() {
                    sample(&mut self.text, &name, labels, value, time.as_deref());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::check::check;
    use crate::sample;

    fn counters() -> Vec<Counters> {
        let of = |kind: &str, subject: &str| Counters {
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            t_s: vec![0.0, 10.5],
            ended: vec![("ok".to_owned(), vec![0, 4]), ("timeout".to_owned(), vec![0, 1])],
            bounds_s: vec![0.01, 1.0],
            within: vec![vec![0, 1], vec![0, 3]],
            sum_s: vec![0.0, 5.25],
        };
        vec![of("workload", "a \"crowd\""), of("service", "shop")]
    }

    #[test]
    fn both_formats_of_the_same_readings() {
        let mut results = sample::quiet();
        results.series = vec![sample::outage().series[5].clone()];
        for group in &mut results.series[0].groups {
            (group.t_s, group.values) = (vec![10.0, 20.0], vec![vec![25.0, 50.0], vec![f64::NAN, f64::NAN]]);
        }
        insta::assert_snapshot!(over_time(&results, &counters()), @r#"
        # HELP gameday_requests Customers' requests that ended, by outcome.
        # TYPE gameday_requests counter
        gameday_requests_total{workload="a \"crowd\"",outcome="ok"} 0 946684800.000
        gameday_requests_total{workload="a \"crowd\"",outcome="ok"} 4 946684810.500
        gameday_requests_total{workload="a \"crowd\"",outcome="timeout"} 0 946684800.000
        gameday_requests_total{workload="a \"crowd\"",outcome="timeout"} 1 946684810.500
        # HELP gameday_request_duration_seconds How long customers waited for answers.
        # TYPE gameday_request_duration_seconds histogram
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="0.01"} 0 946684800.000
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="1"} 0 946684800.000
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="+Inf"} 0 946684800.000
        gameday_request_duration_seconds_sum{workload="a \"crowd\""} 0 946684800.000
        gameday_request_duration_seconds_count{workload="a \"crowd\""} 0 946684800.000
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="0.01"} 1 946684810.500
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="1"} 3 946684810.500
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="+Inf"} 4 946684810.500
        gameday_request_duration_seconds_sum{workload="a \"crowd\""} 5.25 946684810.500
        gameday_request_duration_seconds_count{workload="a \"crowd\""} 4 946684810.500
        # HELP gameday_calls Calls of services that ended, by outcome.
        # TYPE gameday_calls counter
        gameday_calls_total{service="shop",outcome="ok"} 0 946684800.000
        gameday_calls_total{service="shop",outcome="ok"} 4 946684810.500
        gameday_calls_total{service="shop",outcome="timeout"} 0 946684800.000
        gameday_calls_total{service="shop",outcome="timeout"} 1 946684810.500
        # HELP gameday_call_duration_seconds How long callers waited for answers.
        # TYPE gameday_call_duration_seconds histogram
        gameday_call_duration_seconds_bucket{service="shop",le="0.01"} 0 946684800.000
        gameday_call_duration_seconds_bucket{service="shop",le="1"} 0 946684800.000
        gameday_call_duration_seconds_bucket{service="shop",le="+Inf"} 0 946684800.000
        gameday_call_duration_seconds_sum{service="shop"} 0 946684800.000
        gameday_call_duration_seconds_count{service="shop"} 0 946684800.000
        gameday_call_duration_seconds_bucket{service="shop",le="0.01"} 1 946684810.500
        gameday_call_duration_seconds_bucket{service="shop",le="1"} 3 946684810.500
        gameday_call_duration_seconds_bucket{service="shop",le="+Inf"} 4 946684810.500
        gameday_call_duration_seconds_sum{service="shop"} 5.25 946684810.500
        gameday_call_duration_seconds_count{service="shop"} 4 946684810.500
        # HELP gameday_utilisation_busy_ratio Share: busy of utilisation.
        # TYPE gameday_utilisation_busy_ratio gauge
        gameday_utilisation_busy_ratio{service="shop"} 0.25 946684810.000
        gameday_utilisation_busy_ratio{service="shop"} 0.5 946684820.000
        gameday_utilisation_busy_ratio{service="stock"} 0.25 946684810.000
        gameday_utilisation_busy_ratio{service="stock"} 0.5 946684820.000
        gameday_utilisation_busy_ratio{service="payments"} 0.25 946684810.000
        gameday_utilisation_busy_ratio{service="payments"} 0.5 946684820.000
        # EOF
        "#);
        insta::assert_snapshot!(at_end(&results, &counters()), @r#"
        # HELP gameday_requests_total Customers' requests that ended, by outcome.
        # TYPE gameday_requests_total counter
        gameday_requests_total{workload="a \"crowd\"",outcome="ok"} 4
        gameday_requests_total{workload="a \"crowd\"",outcome="timeout"} 1
        # HELP gameday_request_duration_seconds How long customers waited for answers.
        # TYPE gameday_request_duration_seconds histogram
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="0.01"} 1
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="1"} 3
        gameday_request_duration_seconds_bucket{workload="a \"crowd\"",le="+Inf"} 4
        gameday_request_duration_seconds_sum{workload="a \"crowd\""} 5.25
        gameday_request_duration_seconds_count{workload="a \"crowd\""} 4
        # HELP gameday_calls_total Calls of services that ended, by outcome.
        # TYPE gameday_calls_total counter
        gameday_calls_total{service="shop",outcome="ok"} 4
        gameday_calls_total{service="shop",outcome="timeout"} 1
        # HELP gameday_call_duration_seconds How long callers waited for answers.
        # TYPE gameday_call_duration_seconds histogram
        gameday_call_duration_seconds_bucket{service="shop",le="0.01"} 1
        gameday_call_duration_seconds_bucket{service="shop",le="1"} 3
        gameday_call_duration_seconds_bucket{service="shop",le="+Inf"} 4
        gameday_call_duration_seconds_sum{service="shop"} 5.25
        gameday_call_duration_seconds_count{service="shop"} 4
        # HELP gameday_utilisation_busy_ratio Share: busy of utilisation.
        # TYPE gameday_utilisation_busy_ratio gauge
        gameday_utilisation_busy_ratio{service="shop"} 0.5
        gameday_utilisation_busy_ratio{service="stock"} 0.5
        gameday_utilisation_busy_ratio{service="payments"} 0.5
        "#);
    }

    #[test]
    fn what_is_shown_at_the_end_is_what_prometheus_accepts() {
        for results in [sample::outage(), sample::quiet(), sample::cluster()] {
            assert_eq!(check(&at_end(&results, &counters())), Ok(()));
        }
    }
}
