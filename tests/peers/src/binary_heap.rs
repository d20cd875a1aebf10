//! The least an event loop can be: std's BinaryHeap of (time, sequence, event), and nothing else:
//! no handles, no digest, no observers. What a careful person would write for one model.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::worlds::{ARRIVAL_RATE, CLIENTS, Chance, TIMEOUT, Tally, visits_check};

struct Pending<E> {
    heap: BinaryHeap<Reverse<(u64, u64, E)>>,
    sequence: u64,
}

impl<E: Ord> Pending<E> {
    fn new() -> Pending<E> {
        Pending { heap: BinaryHeap::new(), sequence: 0 }
    }

    fn push(&mut self, time: u64, event: E) {
        self.heap.push(Reverse((time, self.sequence, event)));
        self.sequence += 1;
    }

    fn pop_until(&mut self, end: u64) -> Option<(u64, E)> {
        if self.heap.peek()?.0.0 > end {
            return None;
        }
        self.heap.pop().map(|Reverse((time, _, event))| (time, event))
    }
}

/// Nanoseconds, as the kernel rounds them.
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9 + 0.5) as u64
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Visit {
    Arrival,
    Departure,
}

pub(crate) fn mm1(horizon_s: f64) -> Tally {
    let (mut chance, mut pending, mut present) = (Chance::new(), Pending::new(), VecDeque::new());
    let mut tally = Tally::default();
    pending.push(0, Visit::Arrival);
    while let Some((now, event)) = pending.pop_until(nanos(horizon_s)) {
        tally.units += 1;
        let begins_service = match event {
            Visit::Arrival => {
                pending.push(now + nanos(chance.exponential() / ARRIVAL_RATE), Visit::Arrival);
                present.push_back(now);
                present.len() == 1
            }
            Visit::Departure => {
                tally.check += now - present.pop_front().expect("someone was served");
                !present.is_empty()
            }
        };
        if begins_service {
            pending.push(now + nanos(chance.exponential()), Visit::Departure);
        }
    }
    tally
}

pub(crate) fn phold(objects: u32, horizon_s: f64) -> Tally {
    let (mut chance, mut pending) = (Chance::new(), Pending::new());
    let mut visits = vec![0; objects as usize];
    let mut units = 0;
    (0..objects).for_each(|object| pending.push(0, object));
    while let Some((now, object)) = pending.pop_until(nanos(horizon_s)) {
        units += 1;
        visits[object as usize] += 1;
        let next = chance.below(visits.len()) as u32;
        pending.push(now + nanos(chance.exponential()), next);
    }
    Tally { units, check: visits_check(&visits) }
}

/// Cancels lazily: what belongs to a request that has ended is skipped when it comes up.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ending {
    client: u32,
    request: u32,
    timeout: bool,
}

pub(crate) fn cancel(horizon_s: f64) -> Tally {
    let (mut chance, mut pending) = (Chance::new(), Pending::new());
    let mut current = vec![0; CLIENTS as usize];
    let mut tally = Tally::default();
    let mut request = |pending: &mut Pending<Ending>, now, client, request| {
        pending.push(now + nanos(chance.exponential()), Ending { client, request, timeout: false });
        pending.push(now + nanos(TIMEOUT), Ending { client, request, timeout: true });
    };
    (0..CLIENTS).for_each(|client| request(&mut pending, 0, client, 0));
    while let Some((now, ending)) = pending.pop_until(nanos(horizon_s)) {
        let current = &mut current[ending.client as usize];
        if ending.request == *current {
            tally.units += 1;
            tally.check += u64::from(ending.timeout);
            *current += 1;
            request(&mut pending, now, ending.client, *current);
        }
    }
    tally
}
