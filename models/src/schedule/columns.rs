//! Labels of nodes, a column a key: the value of a label is a small number, to be compared and
//! counted by.

use std::collections::BTreeMap;

use super::selector::Labels;

/// A label's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyId(u32);

/// No value, or no domain.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Clone, Debug, Default)]
struct Column {
    key: String,
    names: BTreeMap<String, u32>,
    values: Vec<u32>,
}

/// The labels of all nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    nodes: usize,
}

impl Columns {
    /// The id of a key, which need not be on any node yet.
    pub(super) fn key(&mut self, key: &str) -> KeyId {
        let known = self.columns.iter().position(|column| column.key == key);
        let index = known.unwrap_or_else(|| {
            self.columns.push(Column { key: key.to_owned(), names: BTreeMap::new(), values: vec![NONE; self.nodes] });
            self.columns.len() - 1
        });
        KeyId(u32::try_from(index).expect("fewer than 2^32 keys"))
    }

    /// Appends a node.
    pub(super) fn push(&mut self, labels: &Labels) {
        let node = self.nodes;
        self.nodes += 1;
        for column in &mut self.columns {
            column.values.push(NONE);
        }
        for (key, value) in labels {
            let key = self.key(key);
            let column = &mut self.columns[key.0 as usize];
            column.values[node] = column.intern(value);
        }
    }

    /// The value of each node under `key`, or [`NONE`].
    pub(super) fn values(&self, key: KeyId) -> &[u32] {
        &self.columns[key.0 as usize].values
    }

    /// How many values there are under `key`.
    pub(super) fn count(&self, key: KeyId) -> usize {
        self.columns[key.0 as usize].names.len()
    }
}

impl Column {
    fn intern(&mut self, value: &str) -> u32 {
        if let Some(&index) = self.names.get(value) {
            return index;
        }
        let index = u32::try_from(self.names.len()).expect("fewer than 2^32 values");
        self.names.insert(value.to_owned(), index);
        index
    }
}
