//! Two shorthands that RON lacks, as repairs of the text where its typed reader stumbles.
//!
//! - A bare variant name means the variant with its defaults: `LeastConnections` for
//!   `LeastConnections()`.
//! - A bare string or number where an enum is expected means its variant `Constant`: `"20ms"` for
//!   `Constant("20ms")`.
//!
//! And one for overrides: a bare word or number where a string or a quantity is expected is that, since
//! shells eat quotes: `--set workloads.crowd.from=europe`, `--set services.shop.pod.cpu=1`.
//!
//! Only the reader knows where an enum is expected; so it is run, and where it fails on such a
//! value the text is repaired and read again. All values of the same type (same path but for map
//! keys and list indices) are repaired together: the number of readings is bounded by the schema,
//! not by the file.

use std::collections::BTreeMap;

use ron::Error;

use super::outline::{Body, Kind, Node, Outline, is_identifier};
use super::parse::Failure;
use super::path::Segment;
use super::source::Source;

/// The variant that a bare value stands for.
pub(crate) const CONSTANT: &str = "Constant";

/// What is missing around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    Defaults,
    Constant,
    Quotes,
}

impl Repair {
    /// What is put before and after the value.
    fn affixes(self) -> (&'static str, &'static str) {
        match self {
            Repair::Defaults => ("", "()"),
            Repair::Constant => ("Constant(", ")"),
            Repair::Quotes => ("\"", "\""),
        }
    }

    /// Whether this repair makes sense for `node`.
    fn fits(self, node: &Node, source: &Source) -> bool {
        let text = &source.text()[node.span.clone()];
        match (self, &node.kind) {
            (Repair::Constant, Kind::Text) => true,
            (Repair::Constant, Kind::Word) => !is_identifier(text),
            (Repair::Defaults, Kind::Word) => is_identifier(text),
            (Repair::Quotes, Kind::Word) => source.is_override(node.span.start),
            _ => false,
        }
    }
}

/// The repairs made so far, by the first byte of the value; values repaired never overlap.
#[derive(Debug, Default)]
pub(crate) struct Repairs(BTreeMap<usize, (usize, Repair)>);

impl Repairs {
    /// Repairs the value at which the reader failed, and all like it; false if there is nothing to
    /// repair, or it was tried before.
    pub(crate) fn extend(&mut self, source: &Source, outline: &Outline<'_>, failure: &Failure) -> bool {
        let (hit, rest) = outline.follow(&failure.path);
        let at_value = failure.at == hit.node.span.start;
        let repair = match &failure.error {
            Error::ExpectedStructLike if failure.at >= hit.node.span.end => Repair::Defaults,
            error if at_value && is_no_name(error) => Repair::Constant,
            Error::ExpectedString if at_value => Repair::Quotes,
            // A quantity, whose expectations alone end with an example in quotes.
            Error::InvalidValueForType { expected, .. } if expected.contains("such as \"") => Repair::Quotes,
            _ => return false,
        };
        if !rest.is_empty() || !repair.fits(hit.node, source) || self.of(hit.node).is_some() {
            return false;
        }
        let mut alike = vec![hit.node];
        collect_alike(&outline.root, &failure.path, outline.text, &mut alike);
        for node in alike.into_iter().filter(|node| repair.fits(node, source)) {
            self.0.entry(node.span.start).or_insert((node.span.end, repair));
        }
        true
    }

    /// The repair made to `node`.
    pub(crate) fn of(&self, node: &Node) -> Option<Repair> {
        let (end, repair) = *self.0.get(&node.span.start)?;
        (end == node.span.end).then_some(repair)
    }

    /// The repaired text.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut repaired = String::with_capacity(text.len() + 16 * self.0.len());
        let mut done = 0;
        for (&start, &(end, repair)) in &self.0 {
            let (before, after) = repair.affixes();
            repaired.push_str(&text[done..start]);
            repaired.push_str(before);
            repaired.push_str(&text[start..end]);
            repaired.push_str(after);
            done = end;
        }
        repaired.push_str(&text[done..]);
        repaired
    }

    /// How many bytes the repairs before the byte `offset` of the original text have added.
    pub(crate) fn added_before(&self, offset: usize) -> usize {
        let affixes = self.0.range(..offset).map(|(_, (_, repair))| repair.affixes());
        affixes.map(|(before, after)| before.len() + after.len()).sum()
    }

    /// The byte of the original text that the byte `offset` of the repaired one stands for.
    pub(crate) fn original(&self, offset: usize) -> usize {
        let mut added = 0;
        for (&start, &(end, repair)) in &self.0 {
            let (before, after) = repair.affixes();
            for (at, affix) in [(start, before), (end, after)] {
                if offset < at + added {
                    return offset - added;
                }
                if offset < at + added + affix.len() {
                    return at;
                }
                added += affix.len();
            }
        }
        offset - added
    }
}

/// Whether the reader wanted a name and met something else.
pub(crate) fn is_no_name(error: &Error) -> bool {
    // Digits could be a raw identifier, the reader thinks.
    matches!(error, Error::ExpectedIdentifier | Error::SuggestRawIdentifier(_) | Error::InvalidIdentifier(_))
}

/// Collects the values whose path differs from `path` in map keys and list indices only.
fn collect_alike<'n>(node: &'n Node, path: &[Segment], text: &str, alike: &mut Vec<&'n Node>) {
    let Some((segment, rest)) = path.split_first() else {
        alike.push(node);
        return;
    };
    if let Kind::Group(group) = &node.kind {
        match (segment, &group.body) {
            (Segment::Key(_), Body::Map(entries)) => {
                return entries.iter().for_each(|entry| collect_alike(&entry.value, rest, text, alike));
            }
            (Segment::Index(_), Body::List(items)) => {
                return items.iter().for_each(|item| collect_alike(item, rest, text, alike));
            }
            (Segment::Variant(name), _) if text[group.name.clone()] != **name => return,
            _ => {}
        }
    } else if !matches!(segment, Segment::Variant(name) if text[node.span.clone()] == **name) {
        return;
    }
    if let Some(hit) = node.step(segment, text) {
        collect_alike(hit.node, rest, text, alike);
    }
}
