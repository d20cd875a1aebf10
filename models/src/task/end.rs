//! How tasks end: with an answer that sets out for its caller, or with their server.

use sim_core::Span;
use sim_core::sim::Cx;

use super::{ON_THE_WAY, Task, TaskId};
use crate::chaos::Message;
use crate::heal::Cause;
use crate::outcome::Outcome;
use crate::service::{Processor, ReplicaId};
use crate::world::{Event, Transit, World};

impl World {
    /// A task that needs more memory than there is: its server dies, and with it what it holds.
    pub(super) fn run_out_of_memory(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        let of = self.tasks[id].replica;
        self.answer(cx, id, Outcome::Reset);
        match self.replicas[of.0 as usize].pod {
            Some(pod) => self.crash(cx, pod, Cause::OutOfMemory),
            None => self.drop_tasks(cx, of, Some(Outcome::Reset)),
        }
    }

    /// Everything that a replica has in hand ends, as its server does: with this answer, or with none
    /// if the machine is dead.
    pub(crate) fn drop_tasks(&mut self, cx: &mut Cx<'_, World>, of: ReplicaId, outcome: Option<Outcome>) {
        let replica = &mut self.replicas[of.0 as usize];
        let (busy, waiting, working) = (replica.busy, replica.line.len(), replica.working.value());
        // A program that stands still has a line, and perhaps nothing in service.
        if busy == 0 && waiting == 0 {
            return;
        }
        replica.busy = 0;
        replica.line.clear();
        replica.working.set(cx.now, 0);
        if let Processor::Shared(sharing, ticket) = &mut replica.processor {
            sharing.clear();
            if let Some(ticket) = ticket.take() {
                cx.cancel(ticket);
            }
        }
        let levels = &mut self.services[usize::from(replica.service.0)].levels;
        levels.busy.set(cx.now, levels.busy.value() - u64::from(busy));
        levels.waiting.set(cx.now, levels.waiting.value() - waiting as u64);
        levels.working.set(cx.now, levels.working.value() - working);
        let here = |id: &TaskId| self.tasks[*id].replica == of && self.tasks[*id].reached != ON_THE_WAY;
        let dropped: Vec<TaskId> = self.tasks.ids().filter(here).collect();
        for id in dropped {
            match outcome {
                Some(outcome) => self.answer(cx, id, outcome),
                None => self.lose(cx, id),
            }
        }
    }

    /// A task's machine is dead: its caller hears nothing until the transport gives up.
    pub(super) fn lose(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        let &Task { call, attempt, route, .. } = &self.tasks[id];
        self.tasks.remove(id);
        if self.calls.get(call).is_some_and(|call| call.awaits(attempt)) {
            cx.after(self.network.patience(route), Event::Reply { call, attempt, outcome: Outcome::Lost });
        }
    }

    /// A task's answer sets out for its caller, if the caller still waits for it.
    pub(super) fn answer(&mut self, cx: &mut Cx<'_, World>, id: TaskId, outcome: Outcome) {
        let task = &mut self.tasks[id];
        let (call, attempt, route, replica) = (task.call, task.attempt, task.route, task.replica);
        let mut draws = task.draws;
        self.tasks.remove(id);
        if !self.calls.get(call).is_some_and(|call| call.awaits(attempt)) {
            return;
        }
        if self.links.are_disturbed() {
            let message = Message { call, attempt, replica, route, seed: draws, answer: Some(outcome) };
            return self.carry(cx, message, cx.now);
        }
        let reply = Event::Reply { call, attempt, outcome };
        match self.transits[route.index()] {
            Transit::Instant => self.reply(cx, call, attempt, outcome),
            Transit::Fixed(lane) => _ = cx.after_lane(lane, reply),
            Transit::Drawn => match self.network.delay(route, &mut draws) {
                Some(Span::ZERO) => self.reply(cx, call, attempt, outcome),
                Some(delay) => _ = cx.after(delay, reply),
                None => {
                    let lost = Event::Reply { call, attempt, outcome: Outcome::Lost };
                    cx.after(self.network.patience(route), lost);
                }
            },
        }
    }
}
