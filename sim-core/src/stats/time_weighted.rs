//! The mean over time of a whole number that changes at events: queue length, busy workers, replicas.
//!
//! The integral of the value over virtual time is kept as an integer, so that it is exact and does
//! not depend on how often the value was set. Little's law compares it with the sum of sojourns.

use crate::time::Time;

/// A piecewise constant signal and its integral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWeighted {
    value: u64,
    max: u64,
    began: Time,
    changed: Time,
    /// Up to `changed`, in value times nanoseconds.
    integral: u128,
}

impl TimeWeighted {
    /// A signal that has `value` from `now` on.
    pub fn new(now: Time, value: u64) -> TimeWeighted {
        TimeWeighted { value, max: value, began: now, changed: now, integral: 0 }
    }

    /// The signal has `value` from `now` on.
    ///
    /// # Panics
    ///
    /// If `now` is before the last change.
    pub fn set(&mut self, now: Time, value: u64) {
        self.integral = self.integral(now);
        self.changed = now;
        self.value = value;
        self.max = self.max.max(value);
    }

    /// Measures anew from `now` on, as at the end of a warm-up; the value stays.
    ///
    /// # Panics
    ///
    /// If `now` is before the last change.
    pub fn restart(&mut self, now: Time) {
        assert!(now >= self.changed, "a signal cannot go back from {} to {now}", self.changed);
        *self = TimeWeighted::new(now, self.value);
    }

    /// The value now.
    pub fn value(&self) -> u64 {
        self.value
    }

    /// The greatest value since measuring began, however short it lasted.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The integral from the beginning to `now`, in value times nanoseconds.
    ///
    /// # Panics
    ///
    /// If `now` is before the last change.
    pub fn integral(&self, now: Time) -> u128 {
        assert!(now >= self.changed, "a signal cannot go back from {} to {now}", self.changed);
        self.integral + u128::from(self.value) * u128::from(now.since(self.changed).as_nanos())
    }

    /// The mean from the beginning to `now`; the value itself where no time has passed.
    ///
    /// # Panics
    ///
    /// If `now` is before the last change.
    pub fn mean(&self, now: Time) -> f64 {
        let nanos = now.since(self.began).as_nanos();
        if nanos == 0 { self.value as f64 } else { self.integral(now) as f64 / nanos as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_weighs_each_value_by_how_long_it_lasted() {
        let at = Time::from_nanos;
        let mut busy = TimeWeighted::new(at(100), 2);
        busy.set(at(110), 7);
        busy.set(at(110), 4);
        busy.set(at(130), 0);
        assert_eq!(busy.integral(at(140)), 2 * 10 + 4 * 20);
        assert_eq!(busy.mean(at(140)), 2.5);
        assert_eq!((busy.value(), busy.max()), (0, 7));
        busy.set(at(140), 3);
        busy.restart(at(150));
        assert_eq!((busy.mean(at(150)), busy.mean(at(170)), busy.max()), (3.0, 3.0, 3));
    }

    #[test]
    fn large_values_over_long_times_stay_exact() {
        let mut bytes = TimeWeighted::new(Time::ZERO, u64::MAX);
        bytes.set(Time::from_nanos(u64::MAX - 1), 1);
        let exact = u128::from(u64::MAX) * u128::from(u64::MAX - 1);
        assert_eq!(bytes.integral(Time::MAX), exact + 1);
    }

    #[test]
    #[should_panic(expected = "cannot go back")]
    fn time_runs_forward() {
        TimeWeighted::new(Time::from_nanos(5), 1).set(Time::from_nanos(4), 2);
    }
}
