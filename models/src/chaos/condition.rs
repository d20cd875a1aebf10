//! The condition of a replica: what strikes do to it at present, and what it is like without them.
//!
//! Each strike lays its effects on a stack. What holds is computed anew from the replica's own settings
//! whenever one comes or goes: factors multiply, shares of what is left are taken one after the other,
//! and a program stands still while any strike holds it. So overlapping strikes may end in any order.
//! A replica without effects has no condition, which is what the hot path looks at.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::{ClockSkew, Script, StrikeId};
use crate::cluster::{Container, PodId};
use crate::heal::Cause;
use crate::outcome::Outcome;
use crate::plan::Position;
use crate::service::{Processor, Replica, ReplicaId, ReplicaSettings, ServiceSettings};
use crate::task::TaskId;
use crate::world::{Due, Event, World};

/// What a strike does to a replica.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Work takes so many times as long.
    Slow(f64),
    /// This share of answers fails.
    Errors(f64),
    /// Answers fail by this script; so many were given.
    Script(Script, usize),
    /// This share of the cores is taken.
    Cpu(f64),
    /// So many bytes are taken.
    Memory(u64),
    /// Waiting without the processor takes so many times as long.
    Disk(f64),
    /// The program stands still.
    Paused,
    /// Its clock is wrong, since then.
    Clock(ClockSkew, Time),
}

/// What strikes do to a replica.
#[derive(Debug)]
pub(crate) struct Condition {
    /// What it is like without.
    base: ReplicaSettings,
    effects: Vec<(StrikeId, Effect)>,
    disk: f64,
    pub(crate) memory: u64,
    /// Since when it stands still, and how many workers were at work.
    stopped: Option<(Time, u64)>,
    /// Steps that fell due while it stood still, and how much was left of them.
    held: Vec<(TaskId, Span)>,
    /// How much longer work takes that it had in hand when it was stopped.
    owed: Vec<(TaskId, Span)>,
    /// Calls that ended meanwhile.
    joined: Vec<(TaskId, Position, Outcome)>,
}

impl Condition {
    fn new(base: ReplicaSettings) -> Condition {
        let (effects, held, owed, joined) = Default::default();
        Condition { base, effects, disk: 1.0, memory: 0, stopped: None, held, owed, joined }
    }

    /// What it would be without strikes.
    pub(crate) fn base(&self) -> &ReplicaSettings {
        &self.base
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_over(&self) -> bool {
        self.effects.is_empty() && self.owed.is_empty()
    }

    /// The strikes that have a part in it.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = StrikeId> {
        self.effects.iter().map(|(strike, _)| *strike)
    }

    fn product(&self, of: impl Fn(&Effect) -> Option<f64>) -> f64 {
        self.effects.iter().filter_map(|(_, effect)| of(effect)).product()
    }

    /// The share of the cores that is left.
    fn cpu_left(&self) -> f64 {
        self.product(|effect| if let Effect::Cpu(share) = effect { Some(1.0 - share) } else { None })
    }

    /// What time its clock says it is.
    #[cold]
    fn clock(&self, now: Time) -> Time {
        let mut clock = now;
        for (_, effect) in &self.effects {
            let Effect::Clock(skew, since) = effect else { continue };
            let wrong = skew.offset + now.since(*since).scale(skew.drift.fraction());
            let before = Time::from_nanos(clock.as_nanos().saturating_sub(wrong.as_nanos()));
            clock = if skew.behind { before } else { clock + wrong };
        }
        clock
    }

    /// Whether the next answer fails by script.
    #[cold]
    fn fails(&mut self) -> bool {
        let mut fails = false;
        for (_, effect) in &mut self.effects {
            if let Effect::Script(script, given) = effect {
                fails |= script.fails(*given);
                *given += 1;
            }
        }
        fails
    }
}

impl Replica {
    /// What time it is by its clock.
    #[inline]
    pub(crate) fn clock(&self, now: Time) -> Time {
        self.condition.as_ref().map_or(now, |condition| condition.clock(now))
    }

    /// Whether its program stands still.
    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.stopped.is_some())
    }

    /// How long a wait without the processor takes.
    #[inline]
    pub(crate) fn sleep(&self, span: Span) -> Span {
        self.condition.as_ref().map_or(span, |condition| span.scale(condition.disk))
    }

    /// Whether the next answer fails by script.
    #[inline]
    pub(crate) fn fails_by_script(&mut self) -> bool {
        self.condition.as_mut().is_some_and(|condition| condition.fails())
    }

    /// Memory that is taken besides its own.
    pub(crate) fn memory_taken(&self) -> u64 {
        self.condition.as_ref().map_or(0, |condition| condition.memory)
    }

    /// Its pod is gone, and all that was done to it.
    pub(crate) fn clear_condition(&mut self, now: Time, common: &ServiceSettings) {
        if let Some(condition) = self.condition.take() {
            self.settings = condition.base;
            self.leaked = 0;
            self.refit(common);
            if let Processor::Shared(sharing, _) = &mut self.processor {
                sharing.leave(now, 1.0);
            }
        }
    }

    /// Its program has ended, and with it what stood still in it.
    pub(crate) fn forget_pause(&mut self, now: Time) {
        let Some(condition) = &mut self.condition else { return };
        condition.effects.retain(|(_, effect)| *effect != Effect::Paused);
        condition.stopped = None;
        condition.held.clear();
        condition.owed.clear();
        condition.joined.clear();
        let left = condition.cpu_left();
        if let Processor::Shared(sharing, _) = &mut self.processor {
            sharing.leave(now, left);
        }
        if condition.is_over() {
            self.condition = None;
        }
    }

    /// What holds now, from its own settings and all effects. False if it holds more than fits.
    fn assess(&mut self, common: &ServiceSettings) -> bool {
        let Some(condition) = &mut self.condition else { return true };
        let (base, left) = (condition.base, condition.cpu_left());
        let slow = condition.product(|effect| if let Effect::Slow(by) = effect { Some(*by) } else { None });
        let right = condition.product(|effect| if let Effect::Errors(by) = effect { Some(1.0 - by) } else { None });
        condition.disk = condition.product(|effect| if let Effect::Disk(by) = effect { Some(*by) } else { None });
        let memory = |(_, effect): &(StrikeId, Effect)| if let Effect::Memory(bytes) = effect { *bytes } else { 0 };
        condition.memory = condition.effects.iter().map(memory).fold(0, u64::saturating_add);
        let shares = matches!(self.processor, Processor::Shared(..));
        let speed = if shares { base.speed } else { base.speed * left };
        self.settings.speed = if slow == 1.0 { speed } else { speed / slow };
        self.settings.error_rate = if right == 1.0 { base.error_rate } else { 1.0 - (1.0 - base.error_rate) * right };
        if condition.is_over() {
            self.condition = None;
        }
        self.refit(common);
        self.held() <= self.held_max
    }
}

impl World {
    /// A strike does something to a pod's replica.
    pub(super) fn add_effect(&mut self, cx: &mut Cx<'_, World>, pod: PodId, strike: StrikeId, effect: Effect) {
        let Some(id) = self.cluster.pods[pod].replica else { return };
        let replica = &mut self.replicas[id.0 as usize];
        let base = replica.settings;
        replica.condition.get_or_insert_with(|| Box::new(Condition::new(base))).effects.push((strike, effect));
        self.reassess(cx, id);
    }

    /// A strike lets go of a pod's replica.
    pub(super) fn remove_effects(&mut self, cx: &mut Cx<'_, World>, pod: PodId, strike: StrikeId) {
        let Some(id) = self.cluster.pods[pod].replica else { return };
        let Some(condition) = &mut self.replicas[id.0 as usize].condition else { return };
        condition.effects.retain(|(by, _)| *by != strike);
        self.reassess(cx, id);
    }

    /// What holds of a replica has changed.
    fn reassess(&mut self, cx: &mut Cx<'_, World>, id: ReplicaId) {
        let replica = &mut self.replicas[id.0 as usize];
        let Some(condition) = &replica.condition else { return };
        let is_held = condition.effects.iter().any(|(_, effect)| *effect == Effect::Paused);
        let (was_held, left) = (condition.stopped.is_some(), condition.cpu_left());
        if is_held && !was_held {
            self.freeze(cx.now, id);
        }
        if was_held && !is_held {
            self.thaw(cx, id);
        }
        self.set_cores(cx, id, if is_held { 0.0 } else { left });
        if was_held && !is_held {
            self.take_up_waiting(cx, id);
        }
        let replica = &mut self.replicas[id.0 as usize];
        let common = self.services[usize::from(replica.service.0)].settings;
        if !replica.assess(&common)
            && let Some(pod) = replica.pod
        {
            self.crash(cx, pod, Cause::OutOfMemory);
        }
    }

    /// Shared cores become as many as are left to the replica.
    fn set_cores(&mut self, cx: &mut Cx<'_, World>, id: ReplicaId, left: f64) {
        if let Processor::Shared(sharing, _) = &mut self.replicas[id.0 as usize].processor
            && sharing.leave(cx.now, left)
        {
            self.share_on(cx, id);
        }
    }

    /// A program is stopped with all its work.
    fn freeze(&mut self, now: Time, id: ReplicaId) {
        let replica = &mut self.replicas[id.0 as usize];
        let at_work = if let Processor::PerWorker = replica.processor { replica.working.value() } else { 0 };
        let condition = replica.condition.as_mut().expect("what stands still has a condition");
        condition.stopped = Some((now, at_work));
        self.work_on(now, id, 0, at_work);
    }

    /// A stopped program goes on with what it had in hand.
    fn thaw(&mut self, cx: &mut Cx<'_, World>, id: ReplicaId) {
        let condition = self.replicas[id.0 as usize].condition.as_mut().expect("it stood still");
        let (since, at_work) = condition.stopped.take().expect("it stood still");
        let (held, joined) = (std::mem::take(&mut condition.held), std::mem::take(&mut condition.joined));
        let longer = cx.now.since(since);
        let is_held = |task: &TaskId| held.iter().any(|(other, _)| other == task);
        let under_way = self.tasks.ids().filter(|task| self.tasks[*task].is_at_work(id) && !is_held(task));
        let under_way: Vec<TaskId> = under_way.collect();
        let owed = &mut self.replicas[id.0 as usize].condition.as_mut().expect("it stood still").owed;
        for task in under_way {
            match owed.iter_mut().find(|(other, _)| *other == task) {
                Some((_, owed)) => *owed += longer,
                None => owed.push((task, longer)),
            }
        }
        self.work_on(cx.now, id, at_work, 0);
        for (task, left) in held {
            cx.after(left, Event::Step(task));
        }
        for (task, step, outcome) in joined {
            self.agenda.push_back(Due::Joined(task, step, outcome));
        }
    }

    /// Workers with a core each stop, or go on.
    fn work_on(&mut self, now: Time, id: ReplicaId, to: u64, from: u64) {
        let replica = &mut self.replicas[id.0 as usize];
        if let Processor::PerWorker = replica.processor {
            replica.working.set(now, to);
            let total = &mut self.services[usize::from(replica.service.0)].levels.working;
            total.set(now, total.value() + to - from);
        }
    }

    /// Workers that were free take up what has come meanwhile; a TERM that has come is heard.
    fn take_up_waiting(&mut self, cx: &mut Cx<'_, World>, id: ReplicaId) {
        while self.has_free_worker(id) && self.take_up_next(cx, id) {}
        let Some(pod) = self.replicas[id.0 as usize].pod else { return };
        let record = &self.cluster.pods[pod];
        if record.container == Container::Stopping && record.ending.is_some_and(|ending| ending.term <= cx.now) {
            self.term(cx, pod);
        }
    }

    /// Whether a step has to wait, as its server stands or stood still; if so it comes later.
    #[cold]
    pub(crate) fn is_held_up(&mut self, cx: &mut Cx<'_, World>, id: TaskId, replica: ReplicaId, works: bool) -> bool {
        let Some(condition) = &mut self.replicas[replica.0 as usize].condition else { return false };
        let owed = condition.owed.iter().position(|(task, _)| *task == id);
        let owed = owed.map(|index| condition.owed.swap_remove(index).1);
        let held_up = match (condition.stopped, owed) {
            (Some((since, _)), owed) => {
                let left = if works { cx.now.since(since) } else { Span::ZERO };
                condition.held.push((id, left + owed.unwrap_or(Span::ZERO)));
                true
            }
            (None, Some(owed)) => {
                cx.after(owed, Event::Step(id));
                true
            }
            (None, None) => false,
        };
        if condition.is_over() {
            self.replicas[replica.0 as usize].condition = None;
        }
        held_up
    }

    /// Keeps the end of a call for a program that stands still. False if it runs.
    #[cold]
    pub(crate) fn keep_joined(&mut self, of: ReplicaId, task: TaskId, step: Position, outcome: Outcome) -> bool {
        match &mut self.replicas[of.0 as usize].condition {
            Some(condition) if condition.stopped.is_some() => {
                condition.joined.push((task, step, outcome));
                true
            }
            _ => false,
        }
    }
}
