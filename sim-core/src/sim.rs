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
    pub fn after(&mut self, delay: Span, event: W::Event) -> Ticket {
        self.queue.push(self.now + delay, event)
    }

    /// Schedules `event` at `time`; at [`Time::MAX`] it never runs.
    ///
    /// # Panics
    /// If `time` is in the past.
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
    pub fn after_lane(&mut self, lane: Lane, event: W::Event) -> Ticket {
        self.queue.push_lane(lane, self.now, event)
    }

    /// Cancels a pending event, even one of this instant; false if it has run or was cancelled.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        self.queue.cancel(ticket)
    }

    /// Tells `fact` to the observers.
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
        for fact in self.facts.drain(..) {
            self.observer.fact(self.now, &fact);
        }
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
