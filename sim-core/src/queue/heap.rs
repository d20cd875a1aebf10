//! A four-ary min-heap of 128-bit keys.
//!
//! Four children fit one cache line, so a level costs one line and the tree is half as deep as a
//! binary one (LaMarca and Ladner 1996, "The influence of caches on the performance of heaps").
//! Taking the minimum only leaves a hole at the root: the next key, which an event usually
//! schedules, sinks from there, and one sift does the work of two. Missing children are keys that
//! sort last, so that no level asks how many there are. The keys must differ from one another.

use std::hint::select_unpredictable;

/// A hole; sorts after every key. No key has its lower half.
pub(super) const HOLE: u128 = u128::MAX;

const ARITY: usize = 4;

/// Four siblings.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Line([u128; ARITY]);

impl Line {
    const HOLES: Line = Line([HOLE; ARITY]);

    /// The least key and its place in the line. Which one it is cannot be predicted, so it is
    /// selected without branches.
    #[inline]
    fn least(&self) -> (usize, u128) {
        let [a, b, c, d] = self.0;
        let left = select_unpredictable(b < a, (1, b), (0, a));
        let right = select_unpredictable(d < c, (3, d), (2, c));
        select_unpredictable(right.1 < left.1, right, left)
    }
}

#[derive(Debug)]
pub(super) struct Heap {
    root: u128,
    /// Places below the root, four a line: line 0 is the root's children, line `p + 1` those of
    /// place `p`. There is always a line 0.
    lines: Vec<Line>,
    /// How many places below the root are in use.
    len: usize,
}

impl Heap {
    pub(super) fn new() -> Heap {
        Heap { root: HOLE, lines: vec![Line::HOLES], len: 0 }
    }

    /// The least key, or [`HOLE`] if there is none.
    #[inline]
    pub(super) fn least(&mut self) -> u128 {
        if is_hole(self.root) && self.len > 0 {
            self.len -= 1;
            let last = self.key(self.len);
            self.set(self.len, HOLE);
            self.sink(last);
        }
        self.root
    }

    /// Removes what [`Heap::least`] has just returned.
    #[inline]
    pub(super) fn remove_least(&mut self) {
        self.root = HOLE;
    }

    #[inline]
    pub(super) fn push(&mut self, key: u128) {
        if is_hole(self.root) {
            self.sink(key);
        } else {
            if self.len == self.lines.len() * ARITY {
                self.lines.push(Line::HOLES);
            }
            self.len += 1;
            self.rise(self.len - 1, key);
        }
    }

    /// Drops the keys that `keep` refuses. Linear in practice: survivors keep their order, so they
    /// stand nearly as a heap already.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u128) -> bool) {
        if !is_hole(self.root) && !keep(self.root) {
            self.root = HOLE;
        }
        let mut kept = 0;
        for place in 0..self.len {
            let key = self.key(place);
            self.set(place, HOLE);
            if keep(key) {
                self.set(kept, key);
                kept += 1;
            }
        }
        self.len = kept;
        if is_hole(self.root) && kept > 0 {
            self.len -= 1;
            self.root = self.key(self.len);
            self.set(self.len, HOLE);
        }
        for place in 0..self.len {
            self.rise(place, self.key(place));
        }
    }

    /// Puts `key` where it belongs below the hole at the root.
    #[inline]
    fn sink(&mut self, key: u128) {
        let (mut hole, least) = self.lines[0].least();
        if key < least {
            self.root = key;
            return;
        }
        self.root = least;
        while let Some(children) = self.lines.get(hole + 1) {
            let (child, least) = children.least();
            if key < least {
                break;
            }
            self.set(hole, least);
            hole = (hole + 1) * ARITY + child;
        }
        self.set(hole, key);
    }

    /// Puts `key` where it belongs between `hole` and the root, which is none.
    fn rise(&mut self, mut hole: usize, key: u128) {
        while hole >= ARITY {
            let parent = hole / ARITY - 1;
            let above = self.key(parent);
            if above < key {
                self.set(hole, key);
                return;
            }
            self.set(hole, above);
            hole = parent;
        }
        if self.root < key {
            self.set(hole, key);
        } else {
            self.set(hole, self.root);
            self.root = key;
        }
    }

    #[inline]
    fn key(&self, place: usize) -> u128 {
        self.lines[place / ARITY].0[place % ARITY]
    }

    #[inline]
    fn set(&mut self, place: usize, key: u128) {
        self.lines[place / ARITY].0[place % ARITY] = key;
    }
}

#[inline]
fn is_hole(key: u128) -> bool {
    key as u64 == HOLE as u64
}
