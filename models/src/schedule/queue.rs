//! Pods that wait for a node: ready to be tried, in back-off, or parked until something changes.
//!
//! The three queues of `pkg/scheduler/backend/queue`: the active one goes by priority, then by
//! arrival; a pod whose attempt failed is parked with the filters that refused it, and returns when
//! an event may help or after five minutes, not before its back-off is over. Parked pods are kept by
//! class, so that an event is judged once for all pods of a class. Gates and hints of single
//! plug-ins are left out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasherDefault, Hasher};

use priority_queue::PriorityQueue;
use sim_core::rng::mix;
use sim_core::{Span, Time};

use super::class::{ClassId, PodKey};

/// The same hash on every machine; nothing ever depends on its order.
#[derive(Clone, Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0 ^ word);
    }
}

type Ordered<P> = PriorityQueue<PodKey, P, BuildHasherDefault<KeyHasher>>;

/// A pod for which no node was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// The pod.
    pub pod: PodKey,
    /// Its class.
    pub class: ClassId,
    /// Since when it has waited.
    pub since: Time,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the active queue, or being tried.
    Active,
    BackingOff,
    Parked {
        flush_at: Time,
    },
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    class: ClassId,
    priority: i32,
    attempts: u32,
    arrival: u64,
    since: Time,
    ready_at: Time,
    state: State,
}

/// The parked pods of one class.
#[derive(Clone, Debug, Default)]
struct Parked {
    pods: BTreeSet<PodKey>,
    refused_by: u32,
}

/// The pods that wait for a node.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    initial_backoff: Span,
    max_backoff: Span,
    flush: Span,
    waiting: BTreeMap<PodKey, Waiting>,
    active: Ordered<(i32, Reverse<u64>)>,
    backoff: Ordered<Reverse<(Time, u64)>>,
    parked: BTreeMap<ClassId, Parked>,
    flushes: BTreeSet<(Time, PodKey)>,
    arrivals: u64,
}

impl Queue {
    pub(super) fn new(initial_backoff: Span, max_backoff: Span, flush: Span) -> Queue {
        Queue {
            initial_backoff,
            max_backoff,
            flush,
            waiting: BTreeMap::new(),
            active: Ordered::default(),
            backoff: Ordered::default(),
            parked: BTreeMap::new(),
            flushes: BTreeSet::new(),
            arrivals: 0,
        }
    }

    pub(super) fn push(&mut self, pod: PodKey, class: ClassId, priority: i32, now: Time) {
        let arrival = self.arrive();
        let waiting =
            Waiting { class, priority, attempts: 0, arrival, since: now, ready_at: now, state: State::Active };
        let before = self.waiting.insert(pod, waiting);
        assert!(before.is_none(), "pod {} already waits for a node", pod.0);
        self.active.push(pod, (priority, Reverse(arrival)));
    }

    /// The pod to try next; `done` or `park` must follow.
    pub(super) fn pop(&mut self) -> Option<(PodKey, ClassId)> {
        let (pod, _) = self.active.pop()?;
        let waiting = self.waiting.get_mut(&pod).expect("an active pod waits");
        waiting.attempts += 1;
        Some((pod, waiting.class))
    }

    /// Whether a pod waits.
    pub(super) fn contains(&self, pod: PodKey) -> bool {
        self.waiting.contains_key(&pod)
    }

    /// A pod no longer waits; answers whether it did.
    pub(super) fn done(&mut self, pod: PodKey) -> bool {
        let Some(waiting) = self.waiting.get(&pod).copied() else { return false };
        self.leave(pod, &waiting);
        self.waiting.remove(&pod);
        true
    }

    /// The attempt failed; `refused_by` are the filters that said no.
    pub(super) fn park(&mut self, pod: PodKey, now: Time, refused_by: u32) {
        let arrival = self.arrive();
        let flush_at = now + self.flush;
        let waiting = self.waiting.get_mut(&pod).expect("a pod that was tried waits");
        waiting.arrival = arrival;
        waiting.ready_at = now + backoff(self.initial_backoff, self.max_backoff, waiting.attempts);
        waiting.state = State::Parked { flush_at };
        self.flushes.insert((flush_at, pod));
        let parked = self.parked.entry(waiting.class).or_default();
        parked.pods.insert(pod);
        parked.refused_by |= refused_by;
    }

    /// The classes with parked pods, and the filters that refused them.
    pub(super) fn parked(&self) -> impl Iterator<Item = (ClassId, u32)> + '_ {
        self.parked.iter().map(|(&class, parked)| (class, parked.refused_by))
    }

    /// The pods that were tried in vain, by key.
    pub(super) fn tried(&self) -> impl Iterator<Item = Unplaced> + '_ {
        let tried = self.waiting.iter().filter(|(_, waiting)| waiting.attempts > 0);
        tried.map(|(&pod, waiting)| Unplaced { pod, class: waiting.class, since: waiting.since })
    }

    /// Something may help the pods of a class.
    pub(super) fn wake_class(&mut self, class: ClassId, now: Time) {
        let parked: Option<Vec<PodKey>> = self.parked.get(&class).map(|parked| parked.pods.iter().copied().collect());
        for pod in parked.unwrap_or_default() {
            self.wake_pod(pod, now);
        }
    }

    /// Something may help a pod, if it is parked.
    pub(super) fn wake_pod(&mut self, pod: PodKey, now: Time) {
        let Some(waiting) = self.waiting.get(&pod).copied() else { return };
        if !matches!(waiting.state, State::Parked { .. }) {
            return;
        }
        self.leave(pod, &waiting);
        let is_ready = waiting.ready_at <= now;
        let state = if is_ready { State::Active } else { State::BackingOff };
        self.waiting.insert(pod, Waiting { state, ..waiting });
        if is_ready {
            self.active.push(pod, (waiting.priority, Reverse(waiting.arrival)));
        } else {
            self.backoff.push(pod, Reverse((waiting.ready_at, waiting.arrival)));
        }
    }

    /// Moves pods whose back-off is over, or that have been parked for long.
    pub(super) fn wake(&mut self, now: Time) {
        while let Some((_, &Reverse((ready_at, _)))) = self.backoff.peek()
            && ready_at <= now
        {
            let (pod, _) = self.backoff.pop().expect("the queue was looked at");
            let waiting = self.waiting.get_mut(&pod).expect("a pod in back-off waits");
            waiting.state = State::Active;
            self.active.push(pod, (waiting.priority, Reverse(waiting.arrival)));
        }
        while let Some(&(flush_at, pod)) = self.flushes.first()
            && flush_at <= now
        {
            self.wake_pod(pod, now);
        }
    }

    /// When [`wake`](Queue::wake) would next move a pod.
    pub(super) fn wake_at(&self) -> Option<Time> {
        let ready_at = self.backoff.peek().map(|(_, &Reverse((ready_at, _)))| ready_at);
        let flush_at = self.flushes.first().map(|&(flush_at, _)| flush_at);
        ready_at.into_iter().chain(flush_at).min()
    }

    pub(super) fn has_active(&self) -> bool {
        !self.active.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn arrive(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    /// Takes a pod out of the queue that it is in.
    fn leave(&mut self, pod: PodKey, waiting: &Waiting) {
        match waiting.state {
            State::Active => {
                self.active.remove(&pod);
            }
            State::BackingOff => {
                self.backoff.remove(&pod);
            }
            State::Parked { flush_at } => {
                self.flushes.remove(&(flush_at, pod));
                let parked = self.parked.get_mut(&waiting.class).expect("a parked pod's class has parked pods");
                parked.pods.remove(&pod);
                if parked.pods.is_empty() {
                    self.parked.remove(&waiting.class);
                }
            }
        }
    }
}

/// What a pod waits after `attempts` failed attempts: doubled from the first to the longest.
fn backoff(initial: Span, max: Span, attempts: u32) -> Span {
    let doublings = attempts.saturating_sub(1).min(32);
    Span::from_nanos(initial.as_nanos().saturating_mul(1 << doublings)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Span = Span::from_secs(1);

    #[test]
    fn backoff_doubles_up_to_the_longest() {
        let seconds = |attempts| backoff(SECOND, Span::from_secs(10), attempts).as_secs_f64();
        assert_eq!([1, 2, 3, 4, 5, 40].map(seconds), [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]);
    }

    #[test]
    fn priority_goes_first_and_arrival_breaks_ties() {
        let mut queue = Queue::new(SECOND, SECOND, SECOND);
        for (pod, priority) in [(1, 0), (2, 5), (3, 0), (4, 5)] {
            queue.push(PodKey(pod), ClassId(0), priority, Time::ZERO);
        }
        let order: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|(pod, _)| pod.0).collect();
        assert_eq!(order, [2, 4, 1, 3]);
    }

    #[test]
    fn a_parked_pod_waits_for_help_and_for_its_backoff() {
        let mut queue = Queue::new(SECOND, Span::from_secs(10), Span::from_secs(300));
        queue.push(PodKey(1), ClassId(0), 0, Time::ZERO);
        queue.pop();
        queue.park(PodKey(1), Time::ZERO, 1);
        assert_eq!(queue.wake_at(), Some(Time::ZERO + Span::from_secs(300)));
        queue.wake_class(ClassId(0), Time::ZERO);
        assert_eq!(queue.wake_at(), Some(Time::ZERO + SECOND));
        assert!(!queue.has_active());
        queue.wake(Time::ZERO + SECOND);
        assert_eq!(queue.pop(), Some((PodKey(1), ClassId(0))));
        queue.park(PodKey(1), Time::ZERO + SECOND, 1);
        queue.wake(Time::ZERO + Span::from_secs(301));
        assert!(queue.has_active());
        assert!(queue.done(PodKey(1)));
        assert_eq!((queue.len(), queue.wake_at(), queue.has_active()), (0, None, false));
    }
}
