//! A bounded waiting line, in the order of its discipline.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::task::TaskId;

/// Tasks that wait for a worker.
#[derive(Debug)]
pub(crate) enum Line {
    /// First come, first served.
    Fifo(VecDeque<TaskId>),
    /// Last come, first served.
    Lifo(Vec<TaskId>),
    /// Highest priority first, and first come among equals.
    Priority { heap: BinaryHeap<(u8, Reverse<u64>, TaskId)>, arrivals: u64 },
}

impl Line {
    pub(crate) fn push(&mut self, task: TaskId, priority: u8) {
        match self {
            Line::Fifo(line) => line.push_back(task),
            Line::Lifo(line) => line.push(task),
            Line::Priority { heap, arrivals } => {
                *arrivals += 1;
                heap.push((priority, Reverse(*arrivals), task));
            }
        }
    }

    pub(crate) fn pop(&mut self) -> Option<TaskId> {
        match self {
            Line::Fifo(line) => line.pop_front(),
            Line::Lifo(line) => line.pop(),
            Line::Priority { heap, .. } => heap.pop().map(|(_, _, task)| task),
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Line::Fifo(line) => line.clear(),
            Line::Lifo(line) => line.clear(),
            Line::Priority { heap, .. } => heap.clear(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Line::Fifo(line) => line.len(),
            Line::Lifo(line) => line.len(),
            Line::Priority { heap, .. } => heap.len(),
        }
    }
}
