//! How a pod ends: the hook, TERM, KILL.
//!
//! The grace period begins when the end is asked for, and in the same moment the pod stops being a
//! ready endpoint. The hook (`preStop`, usually a sleep) runs inside it, so that traffic has time to
//! go elsewhere; then comes TERM, and KILL when the period is over. A hook that takes it all leaves
//! two seconds. Source: kubelet, kuberuntime_container.go (`killContainer`, `executePreStopHook`).

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::defaults::{GRACE_PERIOD, GRACE_PERIOD_MIN};

/// How a pod wants to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Termination {
    /// From the request to KILL.
    pub grace_period: Span,
    /// How long the hook before TERM takes; zero is no hook.
    pub pre_stop: Span,
    /// What the process does at TERM.
    pub on_term: OnTerm,
}

/// What a process does at TERM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnTerm {
    /// Takes nothing new, finishes what it has begun, exits.
    #[default]
    Drain,
    /// Exits at once; what it has begun is lost.
    Exit,
    /// Goes on as if nothing had happened, until KILL.
    Ignore,
}

impl Default for Termination {
    fn default() -> Termination {
        Termination { grace_period: GRACE_PERIOD, pre_stop: Span::ZERO, on_term: OnTerm::default() }
    }
}

/// When a pod is told to end, and when it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// TERM: no new work from here on, if the process listens.
    pub term: Time,
    /// KILL: what is left is lost.
    pub kill: Time,
    on_term: OnTerm,
}

/// The end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// When.
    pub at: Time,
    /// Whether it was killed.
    pub killed: bool,
}

impl Termination {
    /// The instants, for an end asked for at `requested`.
    pub fn begin(&self, requested: Time) -> Ending {
        const SECOND: u64 = 1_000_000_000;
        let hook = self.pre_stop.min(self.grace_period);
        // The kubelet takes off whole seconds.
        let spent = Span::from_secs(hook.as_nanos() / SECOND);
        let left = self.grace_period.saturating_sub(spent).max(GRACE_PERIOD_MIN);
        let term = requested + hook;
        Ending { term, kill: term + left, on_term: self.on_term }
    }
}

impl Ending {
    /// When the process exits, if what it has begun is done at `drained`.
    pub fn exit(&self, drained: Time) -> Exit {
        let willing = match self.on_term {
            OnTerm::Drain => drained.max(self.term),
            OnTerm::Exit => self.term,
            OnTerm::Ignore => Time::MAX,
        };
        Exit { at: willing.min(self.kill), killed: willing > self.kill }
    }

    /// Whether the process still takes new work.
    pub fn takes_work(&self, now: Time) -> bool {
        now < self.term || (self.on_term == OnTerm::Ignore && now < self.kill)
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn the_hook_runs_inside_the_grace_period() {
        let mut table = String::new();
        for (grace, hook, drained) in
            [(30, 0, 0), (30, 0, 4), (30, 0, 99), (30, 5, 3), (30, 5, 12), (30, 29, 40), (30, 60, 31), (0, 5, 9)]
        {
            let [grace_period, pre_stop, done] = [grace, hook, drained].map(Span::from_secs);
            let ending = Termination { grace_period, pre_stop, ..Termination::default() }.begin(Time::ZERO);
            let Exit { at, killed } = ending.exit(Time::ZERO + done);
            let Ending { term, kill, .. } = ending;
            let spans = [grace_period, pre_stop, done].map(|span| format!("{:>8}", span.to_string())).concat();
            let times = [term, kill, at].map(|time| format!("{:>6}", time.to_string())).concat();
            table += &format!("{spans} {times}  {killed}\n");
        }
        assert_snapshot!(format!("   grace    hook drained   TERM  KILL  exit  killed\n{table}"), @r"
        grace    hook drained   TERM  KILL  exit  killed
          30s      0s      0s     0s   30s    0s  false
          30s      0s      4s     0s   30s    4s  false
          30s      0s 1min39s     0s   30s   30s  true
          30s      5s      3s     5s   30s    5s  false
          30s      5s     12s     5s   30s   12s  false
          30s     29s     40s    29s   31s   31s  true
          30s    1min     31s    30s   32s   31s  false
           0s      5s      9s     0s    2s    2s  true
        ");
    }

    #[test]
    fn a_process_may_be_rude() {
        let with = |on_term| Termination { on_term, ..Termination::default() }.begin(Time::ZERO);
        let at = |secs| Time::ZERO + Span::from_secs(secs);
        assert_eq!(with(OnTerm::Exit).exit(at(9)), Exit { at: at(0), killed: false });
        assert_eq!(with(OnTerm::Ignore).exit(at(9)), Exit { at: at(30), killed: true });
        assert!(with(OnTerm::Ignore).takes_work(at(9)) && !with(OnTerm::Drain).takes_work(at(0)));
    }
}
