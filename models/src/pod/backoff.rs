//! Exponential back-off, and the waits of a container that keeps crashing.
//!
//! Source: client-go, util/flowcontrol/backoff.go, less its keys and its jitter (which the kubelet
//! does not use for containers), and kubelet, kuberuntime_manager.go (`doBackOff`). Left out: the
//! kubelet looks only when it syncs the pod, so real restarts come up to some seconds later.

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::defaults::{
    CRASH_LOOP_INITIAL, CRASH_LOOP_MAX, CRASH_LOOP_MAX_LOWEST, CRASH_LOOP_REDUCED_INITIAL, CRASH_LOOP_REDUCED_MAX,
    CRASH_LOOP_STABLE,
};

/// Waits that double up to a limit, and are forgotten when nothing has happened for long.
#[derive(Clone, Debug)]
pub struct Backoff {
    initial: Span,
    max: Span,
    expiry: Span,
    entry: Option<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    wait: Span,
    updated: Time,
}

impl Backoff {
    /// Waits from `initial` to `max`, forgotten after twice `max`.
    pub fn new(initial: Span, max: Span) -> Backoff {
        Backoff { initial, max, expiry: max * 2, entry: None }
    }

    /// The same, forgotten after `expiry`.
    pub fn expiring(self, expiry: Span) -> Backoff {
        Backoff { expiry, ..self }
    }

    /// The present wait; none at first.
    pub fn get(&self) -> Span {
        self.entry.map_or(Span::ZERO, |entry| entry.wait)
    }

    /// Goes on to the next wait, or begins anew if `event` is long after the last step.
    pub fn next(&mut self, now: Time, event: Time) {
        let wait = self.valid(event).map_or(self.initial, |entry| (entry.wait * 2).min(self.max));
        self.entry = Some(Entry { wait, updated: now });
    }

    /// Forgets all.
    pub fn reset(&mut self) {
        self.entry = None;
    }

    /// Whether less than the present wait has passed since `event`.
    pub fn is_waiting_since(&self, now: Time, event: Time) -> bool {
        self.valid(event).is_some_and(|entry| now.since(event) < entry.wait)
    }

    /// Whether less than the present wait had passed from the last step to `event`.
    pub fn is_waiting_since_update(&self, event: Time) -> bool {
        self.valid(event).is_some_and(|entry| event.since(entry.updated) < entry.wait)
    }

    /// Forgets all if nothing has happened for long, and tells whether something is left.
    pub fn collect(&mut self, now: Time) -> bool {
        self.entry = self.valid(now);
        self.entry.is_some()
    }

    fn valid(&self, event: Time) -> Option<Entry> {
        self.entry.filter(|entry| event.since(entry.updated) <= self.expiry)
    }
}

/// How long a container that ended waits for its next start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrashLoopSettings {
    /// The wait before the second restart; the first comes at once. Each further one doubles.
    pub initial: Span,
    /// The longest wait. Kubernetes allows 1s to 300s.
    pub max: Span,
    /// A container that ends this long after its last restart, or later, begins anew.
    pub stable: Span,
}

impl Default for CrashLoopSettings {
    fn default() -> CrashLoopSettings {
        CrashLoopSettings { initial: CRASH_LOOP_INITIAL, max: CRASH_LOOP_MAX, stable: CRASH_LOOP_STABLE }
    }
}

impl CrashLoopSettings {
    /// The waits with Kubernetes' gate `ReduceDefaultCrashLoopBackOffDecay`.
    pub fn reduced() -> CrashLoopSettings {
        CrashLoopSettings {
            initial: CRASH_LOOP_REDUCED_INITIAL,
            max: CRASH_LOOP_REDUCED_MAX,
            ..CrashLoopSettings::default()
        }
    }

    /// Tells what is wrong with the settings, if anything is.
    pub fn check(&self) -> Result<(), String> {
        if self.max < CRASH_LOOP_MAX_LOWEST || self.max > CRASH_LOOP_MAX {
            return Err(format!("max: {} is not between {CRASH_LOOP_MAX_LOWEST} and {CRASH_LOOP_MAX}", self.max));
        }
        if self.initial == Span::ZERO {
            return Err("initial: a wait of zero never grows".to_owned());
        }
        // Above `max` it is cut to that, as Kubernetes does.
        if self.initial > CRASH_LOOP_MAX {
            return Err(format!("initial: {} is more than {CRASH_LOOP_MAX}, the longest wait", self.initial));
        }
        Ok(())
    }
}

/// The restarts of one container.
#[derive(Clone, Debug)]
pub struct CrashLoop {
    backoff: Backoff,
    restarts: u32,
}

impl CrashLoop {
    /// A container that has not ended yet. An `initial` above `max` is lowered to it, as the kubelet does.
    pub fn new(settings: &CrashLoopSettings) -> CrashLoop {
        let initial = settings.initial.min(settings.max);
        CrashLoop { backoff: Backoff::new(initial, settings.max).expiring(settings.stable), restarts: 0 }
    }

    /// The container has ended: when it starts again.
    pub fn ended(&mut self, now: Time) -> Time {
        let wait = if self.backoff.is_waiting_since(now, now) { self.backoff.get() } else { Span::ZERO };
        let restart = now + wait;
        self.backoff.next(restart, now);
        self.restarts = self.restarts.saturating_add(1);
        restart
    }

    /// How often it was started again.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits after runs of so many seconds.
    fn waits(settings: &CrashLoopSettings, runs: &[u64]) -> Vec<u64> {
        let (mut crash_loop, mut started) = (CrashLoop::new(settings), Time::ZERO);
        let wait = |&run: &u64| {
            let ended = started + Span::from_secs(run);
            started = crash_loop.ended(ended);
            started.since(ended).as_nanos() / 1_000_000_000
        };
        runs.iter().map(wait).collect()
    }

    #[test]
    fn a_crash_loop_slows_down_and_a_long_run_forgives() {
        assert_eq!(waits(&CrashLoopSettings::default(), &[5; 9]), [0, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(waits(&CrashLoopSettings::default(), &[5, 5, 600, 5, 601, 5]), [0, 10, 20, 40, 0, 10]);
        assert_eq!(waits(&CrashLoopSettings::reduced(), &[5; 9]), [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        let short = CrashLoopSettings { max: Span::from_secs(5), ..CrashLoopSettings::default() };
        assert_eq!(waits(&short, &[1; 4]), [0, 5, 5, 5]);
    }

    #[test]
    fn what_is_idle_is_forgotten() {
        let at = |secs| Time::ZERO + Span::from_secs(secs);
        let mut backoff = Backoff::new(Span::from_secs(1), Span::from_secs(5));
        assert_eq!(backoff.get(), Span::ZERO);
        assert!(!backoff.is_waiting_since(at(0), at(0)));
        backoff.next(at(0), at(0));
        backoff.next(at(1), at(1));
        assert_eq!(backoff.get(), Span::from_secs(2));
        assert!(backoff.is_waiting_since(at(3), at(2)) && !backoff.is_waiting_since(at(4), at(2)));
        assert!(backoff.is_waiting_since_update(at(2)) && !backoff.is_waiting_since_update(at(3)));
        assert!(backoff.collect(at(11)));
        assert!(!backoff.collect(at(12)));
    }

    #[test]
    fn limits_are_those_of_kubernetes() {
        let with = |max| CrashLoopSettings { max: Span::from_secs(max), ..CrashLoopSettings::default() };
        assert_eq!([1, 300].map(|max| with(max).check()), [Ok(()), Ok(())]);
        assert!([0, 301].iter().all(|&max| with(max).check().unwrap_err().starts_with("max: ")));
    }
}
