//! Passive health: a backend that keeps failing calls gets none for a while.
//!
//! nginx's rule (ngx_http_upstream_round_robin.c): `max_fails` failures shut a backend out until
//! `fail_timeout` has passed since the last; then one call tries it, and it stays shut to the
//! others until that call has succeeded. A success also forgets failures older than `fail_timeout`.
//! The only backend of its pool is never shut out. Where nginx counts whole seconds, this counts
//! nanoseconds.

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::BackendId;
use crate::outcome::Outcome;

/// How a pool judges its backends by the calls that fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PassiveHealth {
    /// Failures that shut a backend out; 0 never does. Default 1 (nginx `max_fails`).
    pub max_fails: u32,
    /// How long it is shut out, and for how long failures are remembered. Default 10s (nginx
    /// `fail_timeout`).
    pub fail_timeout: Span,
    /// What counts as a failure. Default `NoAnswer` (nginx `proxy_next_upstream error timeout`).
    pub counts: FailureKind,
}

impl Default for PassiveHealth {
    fn default() -> PassiveHealth {
        PassiveHealth { max_fails: 1, fail_timeout: Span::from_secs(10), counts: FailureKind::NoAnswer }
    }
}

impl PassiveHealth {
    /// Whether this end of a call counts against the backend.
    pub(crate) fn is_failure(&self, outcome: Outcome) -> bool {
        match self.counts {
            FailureKind::NoAnswer => {
                matches!(outcome, Outcome::Refused | Outcome::Reset | Outcome::Timeout | Outcome::Lost)
            }
            FailureKind::Any => outcome.is_failure(),
        }
    }
}

/// Which ends of a call count as failures of the backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No answer at all: refused, reset, timed out, or lost.
    #[default]
    NoAnswer,
    /// Error answers too.
    Any,
}

/// What passive health remembers of one backend.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    fails: u32,
    /// The last failure.
    failed_at: Time,
    /// The start of the present stretch: the last failure, or the first pick after the last stretch.
    checked_at: Time,
}

/// The records of a pool.
#[derive(Debug)]
pub(crate) struct HealthRecords {
    settings: PassiveHealth,
    records: Vec<Record>,
    /// The backends that are shut out, in no order.
    shut_out: Vec<BackendId>,
    /// None of them is due before this.
    due: Time,
}

impl HealthRecords {
    pub(crate) fn new(settings: PassiveHealth) -> HealthRecords {
        HealthRecords { settings, records: Vec::new(), shut_out: Vec::new(), due: Time::MAX }
    }

    pub(crate) fn push(&mut self) {
        self.records.push(Record::default());
    }

    pub(crate) fn is_shut_out(&self, id: BackendId) -> bool {
        self.shut_out.contains(&id)
    }

    /// Forgets what is known of the backend.
    pub(crate) fn forget(&mut self, id: BackendId) {
        self.records[id.index()] = Record::default();
        self.shut_out.retain(|&other| other != id);
    }

    /// Takes out those whose time has passed and tells each to `reopen`.
    pub(crate) fn release(&mut self, now: Time, mut reopen: impl FnMut(BackendId)) {
        if now <= self.due {
            return;
        }
        let (records, timeout) = (&self.records, self.settings.fail_timeout);
        let mut due = Time::MAX;
        self.shut_out.retain(|&id| {
            let until = records[id.index()].checked_at + timeout;
            let stays = now <= until;
            if stays {
                due = due.min(until);
            } else {
                reopen(id);
            }
            stays
        });
        self.due = due;
    }

    /// A call goes to the backend. True if it is a trial and the backend is shut out meanwhile.
    pub(crate) fn picked(&mut self, now: Time, id: BackendId) -> bool {
        let record = &mut self.records[id.index()];
        if now.since(record.checked_at) <= self.settings.fail_timeout {
            return false;
        }
        record.checked_at = now;
        self.shut_out_if_due(id)
    }

    /// A call to the backend ended. True if it is shut out now or was before.
    pub(crate) fn settled(&mut self, now: Time, id: BackendId, outcome: Outcome) -> bool {
        let record = &mut self.records[id.index()];
        if self.settings.is_failure(outcome) {
            record.fails = record.fails.saturating_add(1);
            record.failed_at = now;
            record.checked_at = now;
            self.shut_out_if_due(id)
        } else if outcome != Outcome::Cancelled && record.failed_at < record.checked_at {
            let was_shut_out = record.fails >= self.settings.max_fails;
            record.fails = 0;
            if was_shut_out {
                self.shut_out.retain(|&other| other != id);
            }
            was_shut_out
        } else {
            false
        }
    }

    fn shut_out_if_due(&mut self, id: BackendId) -> bool {
        let record = self.records[id.index()];
        let shut = self.settings.max_fails > 0 && record.fails >= self.settings.max_fails && self.records.len() > 1;
        if shut {
            if !self.shut_out.contains(&id) {
                self.shut_out.push(id);
            }
            self.due = self.due.min(record.checked_at + self.settings.fail_timeout);
        }
        shut
    }
}
