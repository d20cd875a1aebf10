//! The event loop: a [`World`] handles events one by one in virtual time, observers watch.
//!
//! An event is a plain value of the world's own enum. Handling it may change the world, schedule
//! and cancel events through [`Cx`], and tell facts; facts reach the observers right after the
//! event that told them. Observers see everything and can change nothing, so adding one never
//! changes a run. Left out on purpose: threads, wall clocks, and any notion of what is simulated.
//!
//! ```
//! use sim_core::{Cx, Sim, Span, Time, World};
//!
//! /// Counts down from ten, one a second.
//! struct Countdown(u32);
//!
//! impl World for Countdown {
//!     type Event = ();
//!     type Fact = ();
//!     fn handle(&mut self, cx: &mut Cx<'_, Self>, (): ()) {
//!         self.0 -= 1;
//!         if self.0 > 0 {
//!             cx.after(Span::from_secs(1), ());
//!         }
//!     }
//! }
//!
//! let mut sim = Sim::new(Countdown(10), ());
//! sim.prime(|_, cx| _ = cx.after(Span::from_secs(1), ()));
//! sim.run_until(Time::ZERO + Span::from_secs(4));
//! assert_eq!(sim.world().0, 6);
//! ```

use std::hash::{Hash, Hasher};

use crate::digest::Digest;
use crate::queue::{Lane, Queue, Ticket};
use crate::time::{Span, Time};

/// What is simulated: state, and what each event does to it.
pub trait World: Sized {
    /// What can happen: a closed enum, kept small because pending events are stored by value. Its
    /// hash goes into the digest.
    type Event: Copy + Hash;
    /// What happened and is worth telling to observers.
    type Fact;

    /// Lets `event` happen at `cx.now`.
    fn handle(&mut self, cx: &mut Cx<'_, Self>, event: Self::Event);
}

/// Watches a run: metrics, checkers, traces. Sees everything, changes nothing.
pub trait Observer<W: World> {
    /// `event` is about to be handled.
    fn event(&mut self, _now: Time, _event: &W::Event) {}

    /// The world told `fact` while it handled the latest event.
    fn fact(&mut self, _now: Time, _fact: &W::Fact) {}
}

/// What a world may do while it handles an event.
pub struct Cx<'a, W: World> {
    /// The current instant.
    pub now: Time,
    queue: &'a mut Queue<W::Event>,
    facts: &'a mut Vec<W::Fact>,
}

impl<W: World> Cx<'_, W> {
    /// Schedules `event` after `delay`; with no delay it runs in this instant, after what is
    /// already scheduled for it. [`Span::MAX`] means never.
    #[inline]
    pub fn after(&mut self, delay: Span, event: W::Event) -> Ticket {
        self.queue.push(self.now + delay, event)
    }

    /// Schedules `event` at `time`; at [`Time::MAX`] it never runs.
    ///
    /// # Panics
    /// If `time` is in the past.
    #[inline]
    pub fn at(&mut self, time: Time, event: W::Event) -> Ticket {
        assert!(time >= self.now, "an event cannot be scheduled in the past: {time} is before {}", self.now);
        self.queue.push(time, event)
    }

    /// The lane of the fixed delay `delay`, made on first use; equal delays share one. Ask once and
    /// keep it: lanes are for the few delays that recur, such as a timeout.
    ///
    /// # Panics
    /// With more than 1,024 distinct delays.
    pub fn lane(&mut self, delay: Span) -> Lane {
        self.queue.lane(delay)
    }

    /// Schedules `event` after the delay of `lane`: the same as [`Cx::after`], for less.
    #[inline]
    pub fn after_lane(&mut self, lane: Lane, event: W::Event) -> Ticket {
        self.queue.push_lane(lane, self.now, event)
    }

    /// Cancels a pending event, even one of this instant; false if it has run or was cancelled.
    #[inline]
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        self.queue.cancel(ticket)
    }

    /// Tells `fact` to the observers.
    #[inline]
    pub fn tell(&mut self, fact: W::Fact) {
        self.facts.push(fact);
    }
}

/// A world, its observers and its pending events.
pub struct Sim<W: World, O> {
    world: W,
    observer: O,
    queue: Queue<W::Event>,
    /// Told by the event in hand; kept between events to keep its memory.
    facts: Vec<W::Fact>,
    now: Time,
    events: u64,
    digest: Digest,
}

impl<W: World, O: Observer<W>> Sim<W, O> {
    /// A run of `world` at [`Time::ZERO`] with nothing scheduled; see [`Sim::prime`].
    pub fn new(world: W, observer: O) -> Sim<W, O> {
        Sim {
            world,
            observer,
            queue: Queue::default(),
            facts: Vec::new(),
            now: Time::ZERO,
            events: 0,
            digest: Digest::default(),
        }
    }

    /// Acts on the world from outside, at the current instant: schedules the first events, injects
    /// one between two runs. What `act` does directly is not part of the digest; its events are.
    pub fn prime<R>(&mut self, act: impl FnOnce(&mut W, &mut Cx<'_, W>) -> R) -> R {
        let mut cx = Cx { now: self.now, queue: &mut self.queue, facts: &mut self.facts };
        let answer = act(&mut self.world, &mut cx);
        self.deliver_facts();
        answer
    }

    /// Runs every event that is due at `end` or before, those scheduled meanwhile included; then
    /// it is `end`. Does nothing if `end` is in the past.
    pub fn run_until(&mut self, end: Time) {
        while let Some((time, event)) = self.queue.pop_until(end) {
            self.execute(time, event);
        }
        self.now = self.now.max(end);
    }

    /// Runs events as long as `go_on`, asked before each, says so; false if they ran out first.
    pub fn run_while(&mut self, mut go_on: impl FnMut(&Self) -> bool) -> bool {
        while go_on(self) {
            if self.step().is_none() {
                return false;
            }
        }
        true
    }

    /// Runs the next event and returns its time, or `None` if there is none.
    pub fn step(&mut self) -> Option<Time> {
        let (time, event) = self.queue.pop_until(Time::MAX)?;
        self.execute(time, event);
        Some(time)
    }

    #[inline]
    fn execute(&mut self, time: Time, event: W::Event) {
        self.now = time;
        self.events += 1;
        self.digest.write_u64(time.as_nanos());
        self.digest.add(&event);
        self.observer.event(time, &event);
        self.world.handle(&mut Cx { now: time, queue: &mut self.queue, facts: &mut self.facts }, event);
        self.deliver_facts();
    }

    #[inline]
    fn deliver_facts(&mut self) {
        for fact in &self.facts {
            self.observer.fact(self.now, fact);
        }
        self.facts.clear();
    }
}

impl<W: World, O> Sim<W, O> {
    /// The current instant.
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many events have run.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many events are pending.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }

    /// The fingerprint of all events so far, their times and their order.
    pub fn digest(&self) -> u64 {
        self.digest.finish()
    }

    /// The world.
    pub fn world(&self) -> &W {
        &self.world
    }

    /// The world, to change it between runs; such changes are not part of the digest.
    pub fn world_mut(&mut self) -> &mut W {
        &mut self.world
    }

    /// The observer.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// The world and the observer, at the end.
    pub fn into_parts(self) -> (W, O) {
        (self.world, self.observer)
    }
}

impl<W: World, O: Observer<W> + ?Sized> Observer<W> for &mut O {
    fn event(&mut self, now: Time, event: &W::Event) {
        (**self).event(now, event);
    }

    fn fact(&mut self, now: Time, fact: &W::Fact) {
        (**self).fact(now, fact);
    }
}

/// Nobody watches.
impl<W: World> Observer<W> for () {}

/// Each in turn; tuples nest.
macro_rules! observe_in_turn {
    ($($name:ident)+) => {
        impl<W: World, $($name: Observer<W>),+> Observer<W> for ($($name,)+) {
            fn event(&mut self, now: Time, event: &W::Event) {
                #[expect(non_snake_case, reason = "the type parameters name the fields too")]
                let ($($name,)+) = self;
                $($name.event(now, event);)+
            }

            fn fact(&mut self, now: Time, fact: &W::Fact) {
                #[expect(non_snake_case, reason = "the type parameters name the fields too")]
                let ($($name,)+) = self;
                $($name.fact(now, fact);)+
            }
        }
    };
}

observe_in_turn!(A);
observe_in_turn!(A B);
observe_in_turn!(A B C);
observe_in_turn!(A B C D);
observe_in_turn!(A B C D E);
observe_in_turn!(A B C D E F);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Event {
        Note(u32),
        /// Schedules a note for this very instant.
        NoteNow(u32),
        /// Schedules a note for this very instant and takes it back.
        NoteNowAndCancel(u32),
    }

    /// Keeps what happened, and tells it.
    #[derive(Default)]
    struct Notes(Vec<(u64, u32)>);

    impl World for Notes {
        type Event = Event;
        type Fact = u32;

        fn handle(&mut self, cx: &mut Cx<'_, Self>, event: Event) {
            match event {
                Event::Note(id) => {
                    self.0.push((cx.now.as_nanos(), id));
                    cx.tell(id);
                }
                Event::NoteNow(id) => _ = cx.after(Span::ZERO, Event::Note(id)),
                Event::NoteNowAndCancel(id) => {
                    let ticket = cx.after(Span::ZERO, Event::Note(id));
                    assert!(cx.cancel(ticket) && !cx.cancel(ticket));
                }
            }
        }
    }

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    fn sim(events: &[(u64, Event)]) -> Sim<Notes, ()> {
        sim_observed(events, ())
    }

    fn sim_observed<O: Observer<Notes>>(events: &[(u64, Event)], observer: O) -> Sim<Notes, O> {
        let mut sim = Sim::new(Notes::default(), observer);
        sim.prime(|_, cx| events.iter().for_each(|&(nanos, event)| _ = cx.at(at(nanos), event)));
        sim
    }

    #[test]
    fn events_of_one_instant_run_in_the_order_of_scheduling() {
        let mut sim = sim(&[(5, Event::NoteNow(1)), (5, Event::Note(2)), (3, Event::Note(3))]);
        let lane = sim.prime(|_, cx| cx.lane(Span::from_nanos(5)));
        sim.prime(|_, cx| _ = cx.after_lane(lane, Event::Note(4)));
        sim.prime(|_, cx| _ = cx.at(at(5), Event::Note(5)));
        sim.run_until(at(5));
        assert_eq!(sim.world().0, [(3, 3), (5, 2), (5, 4), (5, 5), (5, 1)]);
    }

    #[test]
    fn run_until_includes_its_end_and_ends_there() {
        let mut sim = sim(&[(10, Event::Note(1)), (10, Event::NoteNow(2)), (11, Event::Note(3))]);
        sim.run_until(at(9));
        assert_eq!((sim.now(), sim.events()), (at(9), 0));
        sim.run_until(at(10));
        assert_eq!((sim.now(), sim.events(), sim.pending()), (at(10), 3, 1));
        sim.run_until(at(2));
        assert_eq!(sim.now(), at(10));
        sim.run_until(at(100));
        assert_eq!((sim.now(), sim.events()), (at(100), 4));
    }

    #[test]
    fn steps_run_one_event_each_and_never_what_is_never_due() {
        let mut sim = sim(&[(1, Event::Note(1)), (4, Event::Note(2)), (u64::MAX, Event::Note(3))]);
        assert_eq!([sim.step(), sim.step(), sim.step()], [Some(at(1)), Some(at(4)), None]);
        assert_eq!(sim.now(), at(4));
        sim.run_until(Time::MAX);
        assert_eq!(sim.world().0, [(1, 1), (4, 2)]);
    }

    #[test]
    fn run_while_stops_at_the_predicate_or_when_events_run_out() {
        let mut sim = sim(&[(1, Event::Note(1)), (2, Event::Note(2)), (3, Event::Note(3))]);
        assert!(sim.run_while(|sim| sim.world().0.len() < 2));
        assert_eq!((sim.now(), sim.events()), (at(2), 2));
        assert!(!sim.run_while(|_| true));
        assert_eq!(sim.events(), 3);
    }

    #[test]
    fn an_event_of_this_instant_can_be_cancelled() {
        let mut sim = sim(&[(1, Event::NoteNowAndCancel(1)), (1, Event::Note(2))]);
        sim.run_until(at(9));
        assert_eq!((sim.world().0.as_slice(), sim.pending()), ([(1, 2)].as_slice(), 0));
    }

    #[test]
    #[should_panic(expected = "an event cannot be scheduled in the past")]
    fn the_past_is_closed() {
        let mut sim = sim(&[]);
        sim.run_until(at(2));
        sim.prime(|_, cx| _ = cx.at(at(1), Event::Note(1)));
    }

    /// Writes what it sees into a shared log.
    struct Log<'a>(&'a std::cell::RefCell<Vec<String>>, &'static str);

    impl Observer<Notes> for Log<'_> {
        fn event(&mut self, now: Time, event: &Event) {
            self.0.borrow_mut().push(format!("{} {now} {event:?}", self.1));
        }

        fn fact(&mut self, now: Time, fact: &u32) {
            self.0.borrow_mut().push(format!("{} {now} fact {fact}", self.1));
        }
    }

    #[test]
    fn observers_see_events_then_their_facts_each_in_turn() {
        let log = std::cell::RefCell::default();
        let mut second = Log(&log, "b");
        sim_observed(&[(1, Event::Note(7))], (Log(&log, "a"), &mut second)).run_until(at(9));
        assert_eq!(*log.borrow(), ["a 1ns Note(7)", "b 1ns Note(7)", "a 1ns fact 7", "b 1ns fact 7"]);
    }

    #[test]
    fn the_digest_tells_events_times_and_order_but_not_observers() {
        let digest = |events: &[(u64, Event)]| {
            let mut sim = sim(events);
            sim.run_until(at(99));
            sim.digest()
        };
        let [one, two] = [(5, Event::Note(1)), (5, Event::Note(2))];
        let log = std::cell::RefCell::default();
        let mut observed = sim_observed(&[one, two], Log(&log, "a"));
        observed.run_until(at(99));
        assert_eq!(observed.digest(), digest(&[one, two]));
        assert_ne!(digest(&[two, one]), digest(&[one, two]));
        assert_ne!(digest(&[one, (6, Event::Note(2))]), digest(&[one, two]));
        assert_ne!(digest(&[one]), digest(&[one, two]));
    }
}
