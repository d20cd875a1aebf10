//! Pending events in the total order (time, sequence): events of one instant run in the order in
//! which they were scheduled.
//!
//! Keys and events live apart. A key packs time, sequence and slot into 128 bits, so one comparison
//! orders it and a sift moves 16 bytes; the event waits in its slot. Cancelling frees the slot at
//! once and leaves a key that no longer matches it, to be skipped when it comes up, or swept when
//! such keys outnumber the live ones by far. A [`Lane`] serves one fixed delay (a timeout, a heartbeat):
//! what it holds is in order already, so it is a plain FIFO whose head alone sits in a heap, one of
//! its own for lanes: there are few of them, so the next head sinks a level or two.
//!
//! Left out: changing the time of a pending event (cancel it and schedule another).

use std::collections::VecDeque;

use crate::time::{Span, Time};

mod heap;

use heap::Heap;

/// A key is time (64 bits), sequence (40 bits), slot (24 bits); its lower half is the stamp.
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
/// The sequence that no event gets: it marks free slots.
const SEQUENCE_FREE: u64 = u64::MAX >> SLOT_BITS;
const LANES_MAX: usize = 1024;
const SLOTS_MAX: usize = 1 << SLOT_BITS;
/// Sweeping fewer dead keys than this is not worth the walk.
const SWEEP_MIN: usize = 64;
/// Dead keys are swept when there are so many times more of them than of live ones. Most go by
/// themselves before that: when a lane's head is due, what is dead behind it goes with it.
const SWEEP_RATIO: usize = 4;

/// The right to cancel one pending event; worthless once it has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// A FIFO of events that share one fixed delay; see [`Queue::lane`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lane(u32);

/// Events waiting for their time.
#[derive(Debug)]
pub struct Queue<E> {
    heap: Heap,
    /// The first key of each lane, with the lane's number instead of its slot.
    heads: Heap,
    slots: Vec<Slot<E>>,
    lanes: Vec<LaneKeys>,
    /// Head of the list of free slots; `slots.len()` or more when there is none.
    free: u64,
    sequence: u64,
    live: usize,
    /// Keys in the heap and the lanes whose event was cancelled.
    dead: usize,
}

#[derive(Debug)]
struct Slot<E> {
    /// The lower half of the key that owns this slot, or `SEQUENCE_FREE` and the next free slot.
    stamp: u64,
    event: E,
}

#[derive(Debug)]
struct LaneKeys {
    delay: Span,
    /// Ascending.
    keys: VecDeque<u128>,
    /// The key that was put in last.
    last: u128,
}

impl<E> Default for Queue<E> {
    fn default() -> Queue<E> {
        Queue {
            heap: Heap::new(),
            heads: Heap::new(),
            slots: Vec::new(),
            lanes: Vec::new(),
            free: SLOT_MASK,
            // From 1, so that no key is 0: it is what a lane begins with.
            sequence: 1,
            live: 0,
            dead: 0,
        }
    }
}

impl<E: Copy> Queue<E> {
    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no event is pending.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Schedules `event` at `time`. What is due at [`Time::MAX`] never runs.
    ///
    /// # Panics
    /// With more than 16 million events pending, or after 2^40 of them.
    #[inline]
    pub fn push(&mut self, time: Time, event: E) -> Ticket {
        let stamp = self.store(event);
        self.heap.push(key(time, stamp));
        Ticket(stamp)
    }

    /// The lane of the fixed delay `delay`; equal delays share one.
    ///
    /// # Panics
    /// With more than 1,024 distinct delays: lanes are for the few that recur.
    pub fn lane(&mut self, delay: Span) -> Lane {
        let index = self.lanes.iter().position(|lane| lane.delay == delay).unwrap_or_else(|| {
            assert!(self.lanes.len() < LANES_MAX, "lanes are for few delays; schedule this one without");
            self.lanes.push(LaneKeys { delay, keys: VecDeque::new(), last: 0 });
            self.lanes.len() - 1
        });
        Lane(index as u32)
    }

    /// Schedules `event` at `now` plus the delay of `lane`; cheaper than [`Queue::push`], same order.
    ///
    /// # Panics
    /// As [`Queue::push`]; if `now` is earlier than in a call before; if `lane` is another queue's.
    #[inline]
    pub fn push_lane(&mut self, lane: Lane, now: Time, event: E) -> Ticket {
        let stamp = self.store(event);
        self.append(lane, now, stamp);
        Ticket(stamp)
    }

    /// Puts the key of a stored event at the end of its lane.
    #[inline(never)]
    fn append(&mut self, lane: Lane, now: Time, stamp: u64) {
        let LaneKeys { delay, keys, last } = &mut self.lanes[lane.0 as usize];
        let key = key(now + *delay, stamp);
        assert!(*last < key, "time ran backwards in a lane");
        *last = key;
        if keys.is_empty() {
            self.heads.push(head_key(key, lane.0 as usize));
        }
        keys.push_back(key);
    }

    /// Removes a pending event; false if it has run or was cancelled before.
    #[inline]
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let pending = self.release(ticket.0).is_some();
        if pending {
            self.dead += 1;
            if self.dead >= SWEEP_MIN && self.dead > SWEEP_RATIO * self.live {
                self.sweep();
            }
        }
        pending
    }

    /// Removes and returns the first event, if it is due at `end` or before.
    #[inline]
    pub fn pop_until(&mut self, end: Time) -> Option<(Time, E)> {
        // An empty heap answers a key at Time::MAX, and so does what shall never run.
        let end = end.as_nanos().min(u64::MAX - 1);
        loop {
            let (key, head) = (self.heap.least(), self.heads.least());
            let time = (key.min(head) >> 64) as u64;
            if time > end {
                return None;
            }
            let event = if key < head {
                self.heap.remove_least();
                self.release(key as u64)
            } else {
                self.heads.remove_least();
                self.pop_lane(slot_of(head as u64))
            };
            match event {
                Some(event) => return Some((Time::from_nanos(time), event)),
                None => self.dead -= 1,
            }
        }
    }

    /// Takes the head of a lane and lets the next live one stand for it; `None` if the head was
    /// cancelled.
    #[inline]
    fn pop_lane(&mut self, index: usize) -> Option<E> {
        let keys = &mut self.lanes[index].keys;
        let head = keys.pop_front().expect("a lane in the heap has a head") as u64;
        while let Some(&next) = keys.front() {
            if is_live(&self.slots, next) {
                self.heads.push(head_key(next, index));
                break;
            }
            keys.pop_front();
            self.dead -= 1;
        }
        self.release(head)
    }

    /// Puts `event` into a free slot and returns the stamp that owns it.
    ///
    /// Always inlined, so that the fields of an event are written to its slot one by one. Passed on,
    /// the event would be copied as a whole right after its parts were written, and a processor waits
    /// for such writes to reach its cache.
    #[inline(always)]
    fn store(&mut self, event: E) -> u64 {
        let sequence = self.sequence;
        assert!(sequence < SEQUENCE_FREE, "sequence numbers are used up: 2^40 events were scheduled");
        self.sequence += 1;
        self.live += 1;
        if let Some(slot) = self.slots.get_mut(self.free as usize) {
            let stamp = (sequence << SLOT_BITS) | self.free;
            self.free = slot.stamp & SLOT_MASK;
            *slot = Slot { stamp, event };
            stamp
        } else {
            let index = self.slots.len();
            assert!(index < SLOTS_MAX, "more than 16 million events are pending");
            let stamp = (sequence << SLOT_BITS) | index as u64;
            self.slots.push(Slot { stamp, event });
            stamp
        }
    }

    /// Frees the slot that `stamp` owns and returns its event, or `None` if it owns none any more.
    #[inline]
    fn release(&mut self, stamp: u64) -> Option<E> {
        let slot = self.slots.get_mut(slot_of(stamp))?;
        if slot.stamp != stamp {
            return None;
        }
        slot.stamp = (SEQUENCE_FREE << SLOT_BITS) | self.free;
        self.free = stamp & SLOT_MASK;
        self.live -= 1;
        Some(slot.event)
    }

    /// Drops every dead key. Its cost is shared by the cancellations since the last sweep, each of
    /// which left one of the keys dropped here.
    #[cold]
    fn sweep(&mut self) {
        let slots = &self.slots;
        self.heap.retain(|key| is_live(slots, key));
        // The heads of lanes are put in anew: their lane may begin with another key now.
        self.heads.retain(|_| false);
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.keys.retain(|&key| is_live(slots, key));
            if let Some(&head) = lane.keys.front() {
                self.heads.push(head_key(head, index));
            }
        }
        self.dead = 0;
    }
}

#[inline]
fn key(time: Time, stamp: u64) -> u128 {
    (u128::from(time.as_nanos()) << 64) | u128::from(stamp)
}

/// The key under which a lane's head waits: of the same order, naming the lane.
fn head_key(key: u128, lane: usize) -> u128 {
    key & !u128::from(SLOT_MASK) | lane as u128
}

#[inline]
fn slot_of(stamp: u64) -> usize {
    (stamp & SLOT_MASK) as usize
}

fn is_live<E>(slots: &[Slot<E>], key: u128) -> bool {
    slots[slot_of(key as u64)].stamp == key as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The queue as its definition has it: a list, searched for the least (time, sequence).
    #[derive(Default)]
    struct Naive {
        pending: Vec<(Time, u64)>,
    }

    impl Naive {
        fn cancel(&mut self, id: u64) -> bool {
            let before = self.pending.len();
            self.pending.retain(|&(_, other)| other != id);
            self.pending.len() < before
        }

        fn pop_until(&mut self, end: Time) -> Option<(Time, u64)> {
            let first = *self.pending.iter().min().filter(|(time, _)| *time <= end)?;
            self.pending.retain(|&other| other != first);
            Some(first)
        }
    }

    #[derive(Clone, Debug)]
    enum Op {
        Push(u64),
        PushLane(usize),
        /// Pops what is due so many nanoseconds from now.
        Pop(u64),
        /// Cancels what was scheduled so long ago, whatever has become of it.
        Cancel(usize),
        CancelAllBut(usize),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            4 => (0u64..12).prop_map(Op::Push),
            1 => Just(Op::Push(u64::MAX)),
            4 => (0usize..3).prop_map(Op::PushLane),
            4 => (0u64..12).prop_map(Op::Pop),
            3 => (0usize..40).prop_map(Op::Cancel),
            1 => (1usize..9).prop_map(Op::CancelAllBut),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn agrees_with_the_naive_queue(ops in prop::collection::vec(op(), 0..600)) {
            let (mut queue, mut naive) = (Queue::default(), Naive::default());
            let delays = [Span::ZERO, Span::from_nanos(3), Span::from_nanos(40)];
            let lanes = delays.map(|delay| queue.lane(delay));
            let mut now = Time::ZERO;
            let mut tickets = Vec::new();
            for op in ops {
                let id = tickets.len() as u64;
                match op {
                    Op::Push(delay) => {
                        naive.pending.push((now + Span::from_nanos(delay), id));
                        tickets.push(queue.push(now + Span::from_nanos(delay), id));
                    }
                    Op::PushLane(lane) => {
                        naive.pending.push((now + delays[lane], id));
                        tickets.push(queue.push_lane(lanes[lane], now, id));
                    }
                    Op::Pop(within) => {
                        let popped = queue.pop_until(now + Span::from_nanos(within));
                        prop_assert_eq!(popped, naive.pop_until(now + Span::from_nanos(within)));
                        now = popped.map_or(now, |(time, _)| time);
                    }
                    Op::Cancel(age) => {
                        if let Some(index) = tickets.len().checked_sub(age + 1) {
                            prop_assert_eq!(queue.cancel(tickets[index]), naive.cancel(index as u64));
                        }
                    }
                    Op::CancelAllBut(modulus) => {
                        for index in (0..tickets.len()).filter(|index| index % modulus > 0) {
                            prop_assert_eq!(queue.cancel(tickets[index]), naive.cancel(index as u64));
                        }
                    }
                }
                prop_assert_eq!(queue.len(), naive.pending.len());
            }
            while let Some(popped) = naive.pop_until(Time::from_nanos(u64::MAX - 1)) {
                prop_assert_eq!(queue.pop_until(Time::MAX), Some(popped));
            }
            prop_assert_eq!(queue.pop_until(Time::MAX), None);
        }
    }

    #[test]
    fn cancelled_events_leave_no_memory_behind() {
        let mut queue = Queue::default();
        let timeout = queue.lane(Span::from_secs(1_000_000));
        let pinned = queue.push_lane(timeout, Time::ZERO, 0);
        for request in 1..100_000 {
            let in_lane = queue.push_lane(timeout, Time::from_nanos(request), request);
            let in_heap = queue.push(Time::MAX, request);
            assert!(queue.cancel(in_lane) && queue.cancel(in_heap));
        }
        assert_eq!((queue.len(), queue.slots.len()), (1, 3));
        assert!(queue.lanes[0].keys.capacity() <= 4 * SWEEP_MIN, "{}", queue.lanes[0].keys.capacity());
        assert!(queue.cancel(pinned) && !queue.cancel(pinned));
    }

    #[test]
    fn equal_delays_share_a_lane() {
        let mut queue = Queue::<()>::default();
        let second = queue.lane(Span::from_secs(1));
        assert_ne!(queue.lane(Span::from_secs(2)), second);
        assert_eq!(queue.lane(Span::from_millis(1000)), second);
    }
}
