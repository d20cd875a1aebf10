//! From facts about releases to figures: phases, whom they harmed, how long that went on.

use std::collections::{BTreeMap, BTreeSet};

use models::cluster::{DeploymentId, ReleaseId};
use models::rollout::{Phase, Reason};
use models::world::Fact;
use sim_core::Time;

/// What was seen of the releases in one replication.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReleasesMeter {
    pub(crate) log: Vec<(Time, ReleaseId, Entry)>,
    pub(crate) releases: BTreeMap<ReleaseId, ReleaseMeter>,
    /// At each sample, by the pods of a version.
    pub(crate) versions: BTreeMap<u16, Vec<VersionCount>>,
}

/// A change of a release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) phase: Phase,
    pub(crate) share: Option<u32>,
    pub(crate) reason: Option<Reason>,
    pub(crate) error_rates: [Option<f64>; 2],
}

/// What was seen of a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReleaseMeter {
    pub(crate) began: Option<Time>,
    /// When it was first told to go back, and when it had gone back, or come through.
    pub(crate) detected: Option<Time>,
    pub(crate) ended: Option<(Time, Phase)>,
    pub(crate) judged: u64,
    pub(crate) harmed: u64,
    pub(crate) harmed_first: Option<Time>,
    pub(crate) harmed_last: Option<Time>,
    /// The keys of those who were harmed.
    pub(crate) users: BTreeSet<u64>,
}

/// Ready pods, and attempts since the beginning, of a version.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VersionCount {
    pub(crate) at: Time,
    pub(crate) ready: u32,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
}

impl ReleasesMeter {
    /// Takes in a fact.
    pub(crate) fn fact(&mut self, now: Time, fact: &Fact) {
        match *fact {
            Fact::Released { release, phase, share, reason, judged, error_rates } => {
                self.log.push((now, release, Entry { phase, share, reason, error_rates }));
                let meter = self.releases.entry(release).or_default();
                meter.began.get_or_insert(now);
                meter.judged = meter.judged.max(judged);
                if let Phase::Aborting | Phase::RolledBack = phase {
                    meter.detected.get_or_insert(now);
                }
                if let Phase::Promoted | Phase::RolledBack = phase {
                    meter.ended.get_or_insert((now, phase)).1 = phase;
                }
            }
            Fact::Harmed { release, key, .. } => {
                let meter = self.releases.entry(release).or_default();
                meter.harmed += 1;
                meter.harmed_first.get_or_insert(now);
                meter.harmed_last = Some(now);
                meter.users.insert(key);
            }
            Fact::Versioned { deployment: DeploymentId(id), ready, requests, errors } => {
                self.versions.entry(id).or_default().push(VersionCount { at: now, ready, requests, errors });
            }
            _ => {}
        }
    }
}
