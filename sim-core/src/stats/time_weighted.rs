//! The mean over time of a whole number that changes at events: queue length, busy workers, replicas.
//!
//! The integral of the value over virtual time is an integer, so it is exact and does not depend on
//! how often the value was set; Little's law compares it with the sum of sojourns. A change by d at
//! t adds d * (now - t) to the integral for every later now: it is enough to sum d * t, so that a
//! change costs one addition.

use crate::time::Time;

/// A piecewise constant signal and its integral.
///
/// By default it is zero from the beginning of the run. Changes come in the order of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeWeighted {
    value: u64,
    began: Time,
    /// What the integral falls short of value times now.
    shortfall: i128,
}

impl TimeWeighted {
    /// A signal that has `value` from `now` on.
    pub fn new(now: Time, value: u64) -> TimeWeighted {
        TimeWeighted { value, began: now, shortfall: i128::from(value) * i128::from(now.as_nanos()) }
    }

    /// The signal has `value` from `now` on.
    pub fn set(&mut self, now: Time, value: u64) {
        let change = i128::from(value) - i128::from(self.value);
        self.shortfall += change * i128::from(now.as_nanos());
        self.value = value;
    }

    /// The signal rises by one at `now`.
    #[inline]
    pub fn rise(&mut self, now: Time) {
        self.value += 1;
        self.shortfall += i128::from(now.as_nanos());
    }

    /// The signal falls by one at `now`.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[inline]
    pub fn fall(&mut self, now: Time) {
        assert!(self.value > 0, "a signal cannot fall below zero");
        self.value -= 1;
        self.shortfall -= i128::from(now.as_nanos());
    }

    /// The value now.
    pub fn value(&self) -> u64 {
        self.value
    }

    /// The integral from the beginning to `now`, in value times nanoseconds; `now` is not before the
    /// last change.
    pub fn integral(&self, now: Time) -> u128 {
        let integral = i128::from(self.value) * i128::from(now.as_nanos()) - self.shortfall;
        u128::try_from(integral).expect("a signal is never read before its last change")
    }

    /// The mean from the beginning to `now`; the value itself where no time has passed.
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
        assert_eq!((busy.mean(at(140)), busy.value()), (2.5, 0));
        busy.rise(at(150));
        busy.rise(at(160));
        busy.fall(at(190));
        assert_eq!(busy.integral(at(200)), 100 + 10 + 2 * 30 + 10);
    }

    #[test]
    fn large_values_over_long_times_stay_exact() {
        let year = Time::from_nanos(31_557_600_000_000_000);
        let mut bytes = TimeWeighted::new(Time::ZERO, u64::MAX);
        bytes.set(year, 1);
        let exact = u128::from(u64::MAX) * u128::from(year.as_nanos());
        assert_eq!(bytes.integral(Time::from_nanos(year.as_nanos() + 5)), exact + 5);
    }
}
