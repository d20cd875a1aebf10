//! Processor sharing: all work on a replica shares its cores evenly.
//!
//! With n jobs on c cores each advances at rate min(1, c/n). Rather than touch every job whenever n
//! changes, one clock counts the work that a job present all along would have received; a job ends
//! when that clock has advanced by its work. (Kleinrock, Queueing Systems II, 4.4.)

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use sim_core::{Span, Time};

/// Fractions of a nanosecond kept by the shared clock.
const FRACTION_BITS: u32 = 32;

/// The jobs that share a replica's cores.
#[derive(Debug)]
pub(crate) struct Sharing<J> {
    cores: u32,
    /// What others have left of the cores, in thousandths.
    left: u32,
    // Work received by a job present all along, in 2^-32 ns; 128 bits outlast any run.
    received: u128,
    updated: Time,
    jobs: BinaryHeap<Reverse<(u128, u64, J)>>,
    entries: u64,
}

impl<J: Copy + Ord> Sharing<J> {
    pub(crate) fn new(cores: u32) -> Sharing<J> {
        assert!(cores > 0, "sharing needs a core");
        Sharing { cores, left: cores * 1_000, received: 0, updated: Time::ZERO, jobs: BinaryHeap::new(), entries: 0 }
    }

    /// A job with this much work joins.
    pub(crate) fn join(&mut self, now: Time, job: J, work: Span) {
        self.advance(now);
        self.entries += 1;
        let finish = self.received + (u128::from(work.as_nanos()) << FRACTION_BITS);
        self.jobs.push(Reverse((finish, self.entries, job)));
    }

    /// Drops all jobs.
    pub(crate) fn clear(&mut self) {
        self.jobs.clear();
    }

    /// Takes out a job whose work is done by `now`, if there is one.
    pub(crate) fn finished(&mut self, now: Time) -> Option<J> {
        self.advance(now);
        let &Reverse((finish, _, job)) = self.jobs.peek()?;
        (finish <= self.received).then(|| {
            self.jobs.pop();
            job
        })
    }

    /// How long until the next job is done, if none comes or goes before.
    pub(crate) fn next(&self) -> Option<Span> {
        let &Reverse((finish, _, _)) = self.jobs.peek()?;
        let left = finish.saturating_sub(self.received);
        if self.left == 0 {
            return None;
        }
        let stretched = left * self.crowd() / u128::from(self.left);
        let nanos = stretched.div_ceil(1 << FRACTION_BITS);
        // Rounding up, and one more for the truncation in `advance`, so that it is done by then.
        let exact = self.crowd() == u128::from(self.left);
        Some(Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX) + u64::from(!exact && nanos > 0)))
    }

    /// Cores in use.
    pub(crate) fn cores_busy(&self) -> u32 {
        self.left.div_ceil(1_000).min(self.jobs.len() as u32)
    }

    /// Others leave this share of the cores. False if that is as it was.
    pub(crate) fn leave(&mut self, now: Time, share: f64) -> bool {
        let left = (f64::from(self.cores) * 1_000.0 * share).ceil() as u32;
        let changed = left != self.left;
        if changed {
            self.advance(now);
            self.left = left;
        }
        changed
    }

    // How many jobs share the cores, counting unused cores as jobs; in thousandths.
    fn crowd(&self) -> u128 {
        (self.jobs.len() as u128 * 1_000).max(u128::from(self.left)).max(1)
    }

    fn advance(&mut self, now: Time) {
        let passed = u128::from(now.since(self.updated).as_nanos());
        self.received += (passed << FRACTION_BITS) * u128::from(self.left) / self.crowd();
        self.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(ms: u64) -> Time {
        Time::ZERO + Span::from_millis(ms)
    }

    #[test]
    fn two_jobs_on_one_core_each_run_at_half_speed() {
        let mut sharing = Sharing::new(1);
        sharing.join(millis(0), 'a', Span::from_millis(30));
        // Alone for 10 ms, then shared: a has 20 ms left and needs 40, b needs 10 and takes 20.
        sharing.join(millis(10), 'b', Span::from_millis(10));
        let next = millis(10) + sharing.next().unwrap();
        assert!(next.since(millis(30)) <= Span::from_nanos(2), "{next}");
        assert_eq!(sharing.finished(next), Some('b'));
        let last = next + sharing.next().unwrap();
        assert!(last.since(millis(40)) <= Span::from_nanos(2), "{last}");
        assert_eq!((sharing.finished(last), sharing.next()), (Some('a'), None));
    }

    #[test]
    fn jobs_on_enough_cores_do_not_notice_each_other() {
        let mut sharing = Sharing::new(4);
        (0..3).for_each(|job| sharing.join(millis(0), job, Span::from_millis(5)));
        assert_eq!(sharing.next(), Some(Span::from_millis(5)));
        assert_eq!(sharing.cores_busy(), 3);
    }
}
