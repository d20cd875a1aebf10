//! A four-ary min-heap of 128-bit keys.
//!
//! Four children fit one cache line, so a level costs one line and the tree is half as deep as a
//! binary one (LaMarca and Ladner 1996, "The influence of caches on the performance of heaps").
//! Taking the minimum only leaves a hole at the root: the next key, which an event usually
//! schedules, sinks from there, and one sift does the work of two. Missing children are keys that
//! sort last, so that no level asks how many there are. The keys must differ from one another.

/// Marks a hole; greater than every key.
pub(super) const NONE: u128 = u128::MAX;

const ARITY: usize = 4;
/// The last place of the first line, so that the children of place `p` fill line `p - 2` exactly.
const ROOT: usize = 3;

#[derive(Clone, Debug)]
#[repr(align(64))]
struct Line([u128; ARITY]);

impl Line {
    const HOLES: Line = Line([NONE; ARITY]);

    /// The least key and its place in the line; arithmetic rather than branches, which would be
    /// mispredicted half of the time.
    fn least(&self) -> (usize, u128) {
        let keys = &self.0;
        let left = usize::from(keys[1] < keys[0]);
        let right = 2 + usize::from(keys[3] < keys[2]);
        let least = if keys[right] < keys[left] { right } else { left };
        (least, keys[least])
    }
}

#[derive(Debug)]
pub(super) struct Heap {
    lines: Vec<Line>,
    /// One past the last place in use; the root's place is always in use, as a hole if need be.
    end: usize,
}

impl Heap {
    pub(super) fn new() -> Heap {
        Heap { lines: vec![Line::HOLES, Line::HOLES], end: ROOT + 1 }
    }

    /// The least key, or [`NONE`].
    pub(super) fn least(&mut self) -> u128 {
        if self.key(ROOT) == NONE && self.end > ROOT + 1 {
            self.end -= 1;
            let last = self.key(self.end);
            self.set(self.end, NONE);
            self.sink(last);
        }
        self.key(ROOT)
    }

    /// Removes what [`Heap::least`] has just returned.
    pub(super) fn remove_least(&mut self) {
        self.set(ROOT, NONE);
    }

    pub(super) fn push(&mut self, key: u128) {
        if self.key(ROOT) == NONE {
            self.sink(key);
        } else {
            if self.end / ARITY == self.lines.len() {
                self.lines.push(Line::HOLES);
            }
            self.end += 1;
            self.rise(self.end - 1, key);
        }
    }

    /// Drops the keys that `keep` refuses. Linear in practice: survivors keep their order, so they
    /// stand nearly as a heap already.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u128) -> bool) {
        let mut kept = ROOT;
        for place in ROOT..self.end {
            let key = self.key(place);
            self.set(place, NONE);
            if key != NONE && keep(key) {
                self.set(kept, key);
                kept += 1;
            }
        }
        self.end = kept.max(ROOT + 1);
        for place in ROOT + 1..self.end {
            self.rise(place, self.key(place));
        }
    }

    /// Puts `key` where it belongs below the hole at the root.
    fn sink(&mut self, key: u128) {
        let mut hole = ROOT;
        while let Some(children) = self.lines.get(hole - 2) {
            let (child, least) = children.least();
            if key < least {
                break;
            }
            self.set(hole, least);
            hole = (hole - 2) * ARITY + child;
        }
        self.set(hole, key);
    }

    /// Puts `key` where it belongs between the root and `hole`.
    fn rise(&mut self, mut hole: usize, key: u128) {
        while hole != ROOT {
            let parent = hole / ARITY + 2;
            let above = self.key(parent);
            if above < key {
                break;
            }
            self.set(hole, above);
            hole = parent;
        }
        self.set(hole, key);
    }

    fn key(&self, place: usize) -> u128 {
        self.lines[place / ARITY].0[place % ARITY]
    }

    fn set(&mut self, place: usize, key: u128) {
        self.lines[place / ARITY].0[place % ARITY] = key;
    }
}
