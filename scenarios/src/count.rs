//! Counters that only ever rise, as a monitoring system scrapes them: requests by outcome, latencies
//! in wide buckets, read at each step of the series.
//!
//! They count from the very beginning and know nothing of a warm-up: who looks at them computes
//! rates. Bounds are those that Prometheus' clients use by default, one step wider at either end.

use models::outcome::Outcome;
use models::world::{Fact, World};
use sim_core::results::Counters;
use sim_core::sim::{self, Observer};
use sim_core::{Span, Time};

use crate::schema::Scenario;

/// Upper bounds of the buckets.
const BOUNDS_MILLIS: [u64; 16] =
    [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000];

/// Counts what one replication's customers and services meet.
pub struct Count {
    workloads: Vec<Stream>,
    services: Vec<Stream>,
    readings: Vec<Time>,
}

/// What was counted so far, and at each reading.
#[derive(Clone, Debug, Default)]
struct Stream {
    now: Counts,
    readings: Vec<Counts>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    ended: [u64; Outcome::ALL.len()],
    /// Answers by the bucket that they fall into; the last has no bound.
    buckets: [u64; BOUNDS_MILLIS.len() + 1],
    sum_nanos: u128,
}

impl Stream {
    fn end(&mut self, outcome: Outcome, latency: Span) {
        self.now.ended[outcome as usize] += 1;
        if outcome.is_ok() {
            let bucket = BOUNDS_MILLIS.partition_point(|bound| Span::from_millis(*bound) < latency);
            self.now.buckets[bucket] += 1;
            self.now.sum_nanos += u128::from(latency.as_nanos());
        }
    }

    fn counters(&self, kind: &str, subject: &str, t_s: &[f64]) -> Counters {
        let happened = Outcome::ALL.into_iter().filter(|outcome| self.now.ended[*outcome as usize] > 0);
        let over_time = |outcome: Outcome| self.readings.iter().map(|counts| counts.ended[outcome as usize]).collect();
        let within = |bound| self.readings.iter().map(|counts| counts.buckets[..=bound].iter().sum()).collect();
        Counters {
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            t_s: t_s.to_vec(),
            ended: happened.map(|outcome| (outcome.label().to_owned(), over_time(outcome))).collect(),
            bounds_s: BOUNDS_MILLIS.iter().map(|millis| *millis as f64 / 1e3).collect(),
            within: (0..BOUNDS_MILLIS.len()).map(within).collect(),
            sum_s: self.readings.iter().map(|counts| counts.sum_nanos as f64 / 1e9).collect(),
        }
    }
}

impl Count {
    /// Prepares to watch a replication of `scenario`.
    pub fn new(scenario: &Scenario) -> Count {
        Count {
            workloads: vec![Stream::default(); scenario.workloads.len()],
            services: vec![Stream::default(); scenario.services.len()],
            readings: Vec::new(),
        }
    }

    /// What was counted, workloads first; the last reading is at the end of the run.
    pub fn finish(mut self, scenario: &Scenario) -> Vec<Counters> {
        self.read(Time::ZERO + scenario.duration);
        let t_s: Vec<f64> = self.readings.iter().map(|time| time.as_secs_f64()).collect();
        let workloads = scenario.workloads.keys().zip(&self.workloads);
        let services = scenario.services.keys().zip(&self.services);
        let workloads = workloads.map(|(name, stream)| stream.counters("workload", name, &t_s));
        workloads.chain(services.map(|(name, stream)| stream.counters("service", name, &t_s))).collect()
    }

    /// Reads all counters, once at each time.
    fn read(&mut self, now: Time) {
        if self.readings.last().is_some_and(|last| *last >= now) {
            return;
        }
        self.readings.push(now);
        self.workloads.iter_mut().chain(&mut self.services).for_each(|stream| stream.readings.push(stream.now));
    }
}

impl Observer<World> for Count {
    fn fact(&mut self, now: Time, fact: &<World as sim::World>::Fact) {
        match *fact {
            Fact::Answered { workload, outcome, latency, .. } => {
                self.workloads[usize::from(workload.0)].end(outcome, latency);
            }
            Fact::Returned { service, outcome, latency, .. } => {
                self.services[usize::from(service.0)].end(outcome, latency);
            }
            Fact::Sampled { .. } => self.read(now),
            _ => {}
        }
    }
}
