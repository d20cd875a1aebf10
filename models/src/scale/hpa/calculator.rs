//! The number of replicas that one metric proposes: replica_calculator.go.
//!
//! In short `ceil(replicas * usage / target)`, but what is not known is filled in against the
//! direction: where usage is high, pods without a sample count as idle; where it is low, as fully
//! used. Never does the filling turn the direction round.

use sim_core::Time;

use super::groups::{Groups, Startup};
use super::measure::{Failure, Measure, PodMetric, Resource, Shared};
use super::usage::{self, Usage};
use crate::scale::reading::{PodReading, PodSample, Reading};

/// How far usage may be from its target, as shares of the target, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Below.
    pub down: f64,
    /// Above.
    pub up: f64,
}

impl Tolerances {
    fn permit(self, ratio: f64) -> bool {
        1.0 - self.down <= ratio && ratio <= 1.0 + self.up
    }
}

/// Turns metrics into numbers of replicas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calculator {
    /// Which samples count.
    pub startup: Startup,
    /// What is close enough.
    pub tolerances: Tolerances,
}

/// What a metric proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// So many replicas, at most 2^31 - 1.
    pub replicas: u32,
    /// Percent of the requests, for metrics with requests.
    pub utilization: Option<i32>,
    /// The value of a [`Measure::Value`], otherwise the mean of a pod.
    pub usage: i64,
}

/// One pod's samples and requests as a metric counts them.
type Sample = (i64, Option<i64>);

impl Calculator {
    /// What `measure` proposes. `strays` are samples of pods that are gone by now.
    pub fn propose(
        &self,
        now: Time,
        measure: &Measure,
        reading: &Reading<'_>,
        strays: &[PodSample],
    ) -> Result<Proposal, Failure> {
        let nothing = Failure::NoMetrics(measure.failure());
        let signal = |shared: Shared| reading.signals.get(shared.signal).copied().flatten().ok_or(nothing);
        match *measure {
            Measure::Value(shared, target) => self.towards_value(signal(shared)?, target, reading),
            Measure::PerReplica(shared, target) => Ok(self.per_replica(signal(shared)?, target, reading)),
            Measure::Utilization(resource, target) => {
                let pods =
                    Pods { metric: PodMetric::Usage(resource), percent_of: Some(resource), target: target.into() };
                self.over_pods(now, pods, reading, strays)
            }
            Measure::PerPod(metric, target) => {
                self.over_pods(now, Pods { metric, percent_of: None, target }, reading, strays)
            }
        }
    }

    fn over_pods(
        &self,
        now: Time,
        pods: Pods,
        reading: &Reading<'_>,
        strays: &[PodSample],
    ) -> Result<Proposal, Failure> {
        if strays.is_empty() && reading.pods.iter().all(|pod| pod.sample.is_none()) {
            return Err(Failure::NoMetrics(pods.failure()));
        }
        if reading.pods.is_empty() {
            return Err(Failure::NoPods);
        }
        let groups = self.startup.group(now, reading.pods, pods.metric.heeds_readiness());
        if groups.ready.is_empty() && strays.is_empty() {
            return Err(Failure::Unready);
        }
        let requests = pods.requests(reading.pods)?;
        let mut samples = pods.samples(&groups, reading.pods, strays, &requests);
        let seen = pods.judge(&samples)?;
        let proposal = |replicas| Proposal { replicas, utilization: seen.utilization, usage: seen.average };
        let rising_unready = !groups.unready.is_empty() && seen.ratio > 1.0;
        if groups.missing.is_empty() && !rising_unready {
            if self.tolerances.permit(seen.ratio) {
                return Ok(proposal(reading.desired));
            }
            return Ok(proposal(whole(seen.ratio * groups.ready.len() as f64)));
        }
        pods.fill_in(&mut samples, &groups, seen.ratio, &requests);
        let filled = pods.judge(&samples)?;
        Ok(proposal(self.cautious(reading.desired, seen.ratio, filled.ratio, samples.len())))
    }

    /// The replicas after filling in, unless that turned the direction round.
    fn cautious(&self, current: u32, seen: f64, filled: f64, count: usize) -> u32 {
        let turned = (seen < 1.0 && filled > 1.0) || (seen > 1.0 && filled < 1.0);
        if self.tolerances.permit(filled) || turned {
            return current;
        }
        let replicas = whole(filled * count as f64);
        let backwards = (filled < 1.0 && replicas > current) || (filled > 1.0 && replicas < current);
        if backwards { current } else { replicas }
    }

    /// The value is shared by the pods that are ready. From zero, as many as the ratio.
    fn towards_value(&self, value: i64, target: i64, reading: &Reading<'_>) -> Result<Proposal, Failure> {
        let ratio = value as f64 / target as f64;
        let proposal = |replicas| Proposal { replicas, utilization: None, usage: value };
        if reading.desired == 0 {
            return Ok(proposal(whole(ratio)));
        }
        if self.tolerances.permit(ratio) {
            return Ok(proposal(reading.desired));
        }
        if reading.pods.is_empty() {
            return Err(Failure::NoPods);
        }
        let ready = reading.pods.iter().filter(|pod| pod.is_ready()).count();
        Ok(proposal(whole(ratio * ready as f64)))
    }

    /// The value is split evenly over all replicas that there are.
    fn per_replica(&self, value: i64, target: i64, reading: &Reading<'_>) -> Proposal {
        let replicas = reading.current;
        let ratio = value as f64 / (target as f64 * f64::from(replicas));
        let replicas = if self.tolerances.permit(ratio) { replicas } else { whole(value as f64 / target as f64) };
        Proposal { replicas, utilization: None, usage: share(value, reading.current) }
    }
}

/// A metric that is measured in each pod.
#[derive(Clone, Copy)]
struct Pods {
    metric: PodMetric,
    /// The target is percent of the requests of this.
    percent_of: Option<Resource>,
    target: i64,
}

impl Pods {
    fn failure(self) -> crate::scale::Reason {
        Measure::PerPod(self.metric, self.target).failure()
    }

    /// What each pod requests; pods that do not count need a request too.
    fn requests(self, pods: &[PodReading]) -> Result<Vec<Option<i64>>, Failure> {
        let Some(resource) = self.percent_of else { return Ok(vec![None; pods.len()]) };
        pods.iter().map(|pod| resource.requested(pod).map(Some).ok_or(Failure::NoRequest(resource))).collect()
    }

    /// The samples that count.
    fn samples(
        self,
        groups: &Groups,
        pods: &[PodReading],
        strays: &[PodSample],
        requests: &[Option<i64>],
    ) -> Vec<Sample> {
        let ready = groups.ready.iter().filter_map(|&index| Some((pods[index].sample.as_ref()?, requests[index])));
        let strays = strays.iter().map(|sample| (sample, None));
        ready.chain(strays).map(|(sample, request)| (self.metric.of(sample), request)).collect()
    }

    fn judge(self, samples: &[Sample]) -> Result<Usage, Failure> {
        match self.percent_of {
            Some(_) => usage::utilization(samples, self.target as i32),
            None => Ok(usage::average(samples, self.target)),
        }
    }

    /// Adds what is taken for granted of pods without a sample and of unready ones.
    fn fill_in(self, samples: &mut Vec<Sample>, groups: &Groups, ratio: f64, requests: &[Option<i64>]) {
        let full = |request: Option<i64>| match request {
            // A target above 100 % must not be undercut by the pods that nothing is known of.
            Some(request) => (i128::from(request) * i128::from(self.target.max(100)) / 100) as i64,
            None => self.target,
        };
        let missing = groups.missing.iter().map(|&index| requests[index]);
        if ratio < 1.0 {
            samples.extend(missing.map(|request| (full(request), request)));
        } else if ratio > 1.0 {
            samples.extend(missing.map(|request| (0, request)));
            samples.extend(groups.unready.iter().map(|&index| (0, requests[index])));
        }
    }
}

/// Rounded up, between 0 and 2^31 - 1.
fn whole(replicas: f64) -> u32 {
    replicas.ceil().clamp(0.0, f64::from(i32::MAX)) as u32
}

/// A replica's share of the value, rounded up.
fn share(value: i64, replicas: u32) -> i64 {
    if value as f64 >= i64::MAX as f64 {
        return i64::MAX;
    }
    if replicas == 0 { 0 } else { (value as f64 / f64::from(replicas)).ceil() as i64 }
}
