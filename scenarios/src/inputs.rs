//! The files that a scenario names: read once, before the first replication, shared by all.

use std::collections::BTreeMap;
use std::path::Path;

use models::scale::History;
use models::traffic::{Arrivals, Surroundings, Traces};
use sim_core::dist::{Distribution, Recording, Recordings};

use crate::schema::{Scenario, Step, Workload};
use crate::trace;

/// Everything that was read, and what could not be.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    traces: Traces,
    recordings: Recordings,
    // By file and column.
    failures: BTreeMap<(String, String), String>,
}

impl Inputs {
    /// Reads the files that `scenario` names, relative to `folder`. A file that cannot be read is
    /// remembered and reported by [`validate`](crate::validate::validate).
    pub fn read(scenario: &Scenario, folder: &Path) -> Inputs {
        let mut inputs = Inputs::default();
        for workload in scenario.workloads.values() {
            inputs.read_traffic(&workload.arrivals, folder);
            inputs.read_recordings(workload.users.iter().map(|users| &users.think), folder);
        }
        let network = scenario.network.iter();
        let network = network.flat_map(|network| {
            let near = [&network.same_node, &network.same_zone, &network.same_region];
            near.into_iter().chain(network.wan.iter().map(|link| &link.latency))
        });
        inputs.read_recordings(network, folder);
        let mut work = Vec::new();
        for service in scenario.services.values() {
            service.endpoints.values().for_each(|steps| collect_distributions(steps, &mut work));
            work.extend(service.pod.pull.iter().chain(&service.pod.startup));
        }
        work.extend(scenario.cluster.iter().map(|cluster| &cluster.endpoint_lag));
        let versions = scenario.releases.iter().map(|release| &release.version);
        work.extend(versions.flat_map(|version| version.startup.iter().chain(&version.crash_after)));
        for pool in scenario.nodes.values() {
            work.push(&pool.provision);
            work.extend(pool.spot.iter().map(|spot| &spot.lifetime));
        }
        work.extend(scenario.faults.iter().filter_map(|fault| fault.what.distribution()));
        inputs.read_recordings(work.into_iter(), folder);
        for autoscaler in scenario.autoscalers() {
            if let Some(history) = autoscaler.history() {
                inputs.read_counts(&history.file, &history.column, folder);
            }
        }
        inputs
    }

    /// The recorded traffic.
    pub(crate) fn traces(&self) -> &Traces {
        &self.traces
    }

    /// What empirical distributions draw from.
    pub fn recordings(&self) -> &Recordings {
        &self.recordings
    }

    /// What a workload's arrivals are built from.
    pub fn surroundings(&self, workload: &Workload) -> Surroundings {
        Surroundings { profile: workload.rate.clone(), traces: self.traces.clone() }
    }

    /// Why a recording is missing, if it is.
    pub(crate) fn recording(&self, recording: Recording<'_>) -> Result<(), String> {
        self.failure(recording.file, recording.column.unwrap_or_default())
    }

    /// Why the file of recorded arrivals is missing, if it is.
    pub(crate) fn traffic(&self, arrivals: &Arrivals) -> Result<(), String> {
        match arrivals {
            Arrivals::Counts(counts) => self.failure(&counts.file, &counts.column),
            Arrivals::Times(times) => self.failure(&times.file, &times.column),
            _ => Ok(()),
        }
    }

    /// Why the file of an autoscaler's history is missing, if it is.
    pub(crate) fn history(&self, history: &History) -> Result<(), String> {
        self.failure(&history.file, &history.column)
    }

    fn failure(&self, file: &str, column: &str) -> Result<(), String> {
        self.failures.get(&(file.to_owned(), column.to_owned())).map_or(Ok(()), |failure| Err(failure.clone()))
    }

    fn read_traffic(&mut self, arrivals: &Arrivals, folder: &Path) {
        match arrivals {
            Arrivals::Counts(counts) => self.read_counts(&counts.file, &counts.column, folder),
            Arrivals::Times(times) => {
                let (file, column) = (&times.file, &times.column);
                match trace::read_times(&folder.join(file), column) {
                    Ok(trace) => self.traces.insert_times(file, column, trace),
                    Err(error) => self.fail(file, column, error.to_string()),
                }
            }
            _ => {}
        }
    }

    fn read_counts(&mut self, file: &str, column: &str, folder: &Path) {
        match trace::read_counts(&folder.join(file), column) {
            Ok(trace) => self.traces.insert_counts(file, column, trace),
            Err(error) => self.fail(file, column, error.to_string()),
        }
    }

    fn fail(&mut self, file: &str, column: &str, error: String) {
        self.failures.insert((file.to_owned(), column.to_owned()), error);
    }

    fn read_recordings<'a>(&mut self, distributions: impl Iterator<Item = &'a Distribution>, folder: &Path) {
        for recording in distributions.flat_map(Distribution::recordings) {
            let seconds = trace::read_seconds(&folder.join(recording.file), recording.column);
            let kept = seconds
                .map_err(|error| error.to_string())
                .and_then(|seconds| self.recordings.insert(recording, &seconds));
            if let Err(error) = kept {
                self.fail(recording.file, recording.column.unwrap_or_default(), error);
            }
        }
    }
}

fn collect_distributions<'a>(steps: &'a [Step], found: &mut Vec<&'a Distribution>) {
    for step in steps {
        match step {
            Step::Work(distribution) | Step::Sleep(distribution) => found.push(distribution),
            Step::Branch(ways) => ways.iter().for_each(|way| collect_distributions(&way.steps, found)),
            Step::Call(_) | Step::All(_) | Step::Any(_) | Step::Quorum { .. } => {}
        }
    }
}
