//! Scaling: readings are taken and, with a delay, shown to the autoscalers, whose decisions are commands.

use sim_core::sim::Cx;
use sim_core::{Bytes, Cores, Span, Time};

use super::pod::Container;
use super::{Command, DeploymentId, PodId};
use crate::scale::{PodReading, PodSample, Reading, Scale};
use crate::service::ServiceId;
use crate::workload::WorkloadId;
use crate::world::{Event, Fact, World};

/// What an autoscaler is shown besides its pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Requests a second that reach its own pods.
    OwnRate,
    /// Requests a second that are sent to a service.
    Rate(ServiceId),
    /// Requests that wait or are in service there, and those that found no backend.
    Waiting(ServiceId),
    /// Requests a second of a workload.
    Workload(WorkloadId),
}

/// An autoscaler at work.
pub(crate) struct Scaling {
    scale: Box<dyn Scale>,
    sources: Vec<Source>,
    /// What each source had counted when it was last read.
    counted: Vec<u64>,
    asked: Time,
}

impl Scaling {
    pub(crate) fn new(scale: Box<dyn Scale>, sources: Vec<Source>) -> Scaling {
        let counted = vec![0; sources.len()];
        Scaling { scale, sources, counted, asked: Time::ZERO }
    }
}

/// What had been counted of a pod when it was last scraped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scrape {
    at: Time,
    cpu: u128,
    taken: u64,
}

impl World {
    /// Lets an autoscaler see to a deployment.
    ///
    /// To be called before the world starts.
    pub fn set_autoscaler(&mut self, id: DeploymentId, scale: Box<dyn Scale>, sources: Vec<Source>) {
        self.cluster.deployments[usize::from(id.0)].scaling = Some(Scaling::new(scale, sources));
    }

    pub(crate) fn start_scaling(&mut self, cx: &mut Cx<'_, World>) {
        if self.cluster.deployments.iter().all(|deployment| deployment.scaling.is_none()) {
            return;
        }
        self.scrape(cx);
        for (index, deployment) in self.cluster.deployments.iter().enumerate() {
            if let Some(scaling) = &deployment.scaling {
                cx.after(scaling.scale.period(), Event::Autoscale(DeploymentId(index as u16)));
            }
        }
    }

    /// The metrics pipeline reads the pods of all deployments that somebody scales.
    pub(crate) fn scrape(&mut self, cx: &mut Cx<'_, World>) {
        let (every, delay) = (self.cluster.settings.metrics.every, self.cluster.settings.metrics.delay);
        for index in 0..self.cluster.deployments.len() {
            let scaling =
                self.cluster.deployments[usize::from(self.head_of(DeploymentId(index as u16)).0)].scaling.as_ref();
            if !scaling.is_some_and(|scaling| scaling.scale.looks_at_pods()) {
                continue;
            }
            for number in 0..self.cluster.deployments[index].pods.len() {
                let pod = self.cluster.deployments[index].pods[number];
                self.scrape_pod(cx.now, pod, delay);
            }
        }
        cx.after(every, Event::Scrape);
    }

    fn scrape_pod(&mut self, now: Time, pod: PodId, delay: Span) {
        let record = &mut self.cluster.pods[pod];
        let runs = matches!(record.container, Container::Running | Container::Stopping);
        let Some(replica) = record.replica.filter(|_| runs) else {
            record.scrape = None;
            return;
        };
        let replica = &self.replicas[replica.0 as usize];
        let service = &self.services[usize::from(replica.service.0)].settings;
        let scrape = Scrape { at: now, cpu: replica.working.integral(now), taken: replica.taken };
        let before = record.scrape.replace(scrape);
        // A rate takes two readings of the same container.
        let Some(before) = before.filter(|before| before.at >= record.container_started && before.at < now) else {
            return;
        };
        let window = now.since(before.at);
        let nanos = window.as_nanos();
        let held = u64::from(replica.held());
        let share = self.cluster.deployments[usize::from(record.deployment.0)].template.cpu_share;
        let cpu = (scrape.cpu - before.cpu) as u64 as f64 * share * 1e3 / nanos as f64;
        let memory = service.memory.map_or(0, |memory| memory.used(held).count() + replica.memory_taken());
        let (requests, in_flight) =
            (((scrape.taken - before.taken) as f64 * 1e12 / nanos as f64) as i64, held as i64 * 1_000);
        let memory = Bytes::new(memory + self.leaked(pod, now).count());
        let record = &mut self.cluster.pods[pod];
        let sample = PodSample { at: now, window, cpu: Cores::milli((cpu + 0.5) as u64), memory, requests, in_flight };
        let shown = record.samples.iter().rposition(|sample| sample.at + delay <= now).unwrap_or(0);
        record.samples.drain(..shown);
        record.samples.push(sample);
    }

    /// An autoscaler is asked.
    pub(crate) fn autoscale(&mut self, cx: &mut Cx<'_, World>, id: DeploymentId) {
        let index = usize::from(id.0);
        let mut scaling = self.cluster.deployments[index].scaling.take().expect("only scaled deployments ask");
        let signals = self.read(cx.now, id, &mut scaling);
        // Its selector finds the pods of all versions.
        let sets = || self.versions(id).map(|set| &self.cluster.deployments[usize::from(set.0)]);
        let pods = sets().filter(|_| scaling.scale.looks_at_pods()).flat_map(|set| set.pods.iter().copied());
        let pods: Vec<PodReading> = pods.map(|pod| self.pod_reading(cx.now, pod)).collect();
        let (desired, current) = (self.wanted(id), sets().map(|set| set.active).sum());
        let decision = scaling.scale.decide(cx.now, &Reading { desired, current, pods: &pods, signals: &signals });
        if let Some(forecast) = decision.forecast {
            cx.tell(Fact::Forecast { deployment: id, value: forecast.value, error: forecast.error });
        }
        if decision.replicas != desired {
            let (from, to, reason) = (desired, decision.replicas, decision.reason);
            cx.tell(Fact::Scaled { deployment: id, from, to, reason });
            self.command(cx, Command::Scale { deployment: id, replicas: to });
        }
        cx.after(scaling.scale.period(), Event::Autoscale(id));
        self.cluster.deployments[index].scaling = Some(scaling);
    }

    /// Reads the sources, in thousandths.
    fn read(&self, now: Time, id: DeploymentId, scaling: &mut Scaling) -> Vec<Option<i64>> {
        let seconds = now.since(scaling.asked).as_secs_f64();
        scaling.asked = now;
        let signal = |(source, counted): (&Source, &mut u64)| {
            let count = match source {
                Source::OwnRate => self.reached(id),
                Source::Rate(service) => self.services[usize::from(service.0)].asked,
                Source::Waiting(service) => self.services[usize::from(service.0)].unserved,
                Source::Workload(workload) => self.workloads[usize::from(workload.0)].asked(),
            };
            let since = count - std::mem::replace(counted, count);
            Some(match source {
                Source::Waiting(service) => {
                    let levels = &self.services[usize::from(service.0)].levels;
                    (levels.busy.value() + levels.waiting.value() + since) as i64 * 1_000
                }
                _ => (since as f64 / seconds * 1_000.0).round() as i64,
            })
        };
        scaling.sources.iter().zip(&mut scaling.counted).map(signal).collect()
    }

    /// Requests that have reached the pods of a deployment since the beginning.
    fn reached(&self, id: DeploymentId) -> u64 {
        let of = |set: DeploymentId| {
            let deployment = &self.cluster.deployments[usize::from(set.0)];
            let replicas = deployment.pods.iter().filter_map(|&pod| self.cluster.pods[pod].replica);
            deployment.reached_before + replicas.map(|replica| self.replicas[replica.0 as usize].reached).sum::<u64>()
        };
        self.versions(id).map(of).sum()
    }

    /// A pod as its autoscaler sees it.
    fn pod_reading(&self, now: Time, pod: PodId) -> PodReading {
        let record = &self.cluster.pods[pod];
        let delay = self.cluster.settings.metrics.delay;
        PodReading {
            phase: record.phase,
            deleting: record.deleting.is_some(),
            ready: record.started.map(|_| record.ready),
            started: record.started,
            ready_changed: record.started.map(|_| record.ready_changed),
            requests: self.cluster.deployments[usize::from(record.deployment.0)].template.requests,
            sample: record.samples.iter().rfind(|sample| sample.at + delay <= now).copied(),
        }
    }
}
