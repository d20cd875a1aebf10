//! The shape of a RON text: which bytes hold which value.
//!
//! A typed reader forgets where values stood. The outline remembers, for every path, its bytes: a
//! message about `services.shop.replicas` can then point at it, and an override can replace it.
//! It knows no types: numbers, identifiers and unquoted quantities are all words.

use std::ops::Range;

use super::path::{Path, Segment};
use super::scan::{self, SyntaxError};

/// The values of a text and where they stand.
#[derive(Debug)]
pub struct Outline<'a> {
    pub(crate) text: &'a str,
    pub(crate) root: Node,
}

/// A value: its bytes and what it is made of.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

/// What a value is, as far as its text tells.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A string literal.
    Text,
    /// Anything else without brackets: a number, `true`, a bare variant, an unquoted `250ms`.
    Word,
    /// `Name(…)`, `(…)`, `[…]` or `{…}`.
    Group(Group),
}

/// A value in brackets.
#[derive(Debug)]
pub(crate) struct Group {
    /// The name before the bracket; empty if there is none.
    pub(crate) name: Range<usize>,
    /// Where the opening bracket is.
    pub(crate) open: usize,
    pub(crate) body: Body,
}

/// What stands between brackets.
#[derive(Debug)]
pub(crate) enum Body {
    /// `(field: value, …)`; also `()`.
    Struct(Vec<Entry>),
    /// `{key: value, …}`.
    Map(Vec<Entry>),
    /// `(value, …)`.
    Tuple(Vec<Node>),
    /// `[value, …]`.
    List(Vec<Node>),
}

/// A field or a map entry.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Range<usize>,
    /// The key as paths write it: without quotes.
    pub(crate) name: String,
    pub(crate) value: Node,
}

/// A value found by its path.
#[derive(Clone, Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) node: &'a Node,
    /// The field's or entry's key, if it is one.
    pub(crate) key: Option<Range<usize>>,
}

impl<'a> Outline<'a> {
    /// Reads the outline of `text`; the first mistake ends it.
    pub(crate) fn parse(text: &'a str) -> Result<Outline<'a>, SyntaxError> {
        Ok(Outline { text, root: scan::document(text)? })
    }

    /// The bytes of the value at `path`, such as `services.shop.endpoints.buy[0]`; `None` if the
    /// path is not one or leads nowhere.
    pub fn span(&self, path: &str) -> Option<Range<usize>> {
        let path = Path::parse(path).ok()?;
        let (hit, rest) = self.follow(&path.0);
        rest.is_empty().then(|| hit.node.span.clone())
    }

    /// The texts of the elements, if the whole is a list.
    pub(crate) fn elements(&self) -> Option<Vec<&'a str>> {
        match &self.root.kind {
            Kind::Group(Group { body: Body::List(items), .. }) => {
                Some(items.iter().map(|item| &self.text[item.span.clone()]).collect())
            }
            _ => None,
        }
    }

    /// The keys and the texts of the values, if the whole is a map.
    pub(crate) fn map_entries(&self) -> Option<Vec<(String, &'a str)>> {
        match &self.root.kind {
            Kind::Group(Group { body: Body::Map(entries), .. }) => {
                let entry = |entry: &Entry| (entry.name.clone(), &self.text[entry.value.span.clone()]);
                Some(entries.iter().map(entry).collect())
            }
            _ => None,
        }
    }

    /// The name before the bracket of the whole, such as `Scenario`; empty if there is none.
    pub(crate) fn name(&self) -> &'a str {
        match &self.root.kind {
            Kind::Group(group) => &self.text[group.name.clone()],
            _ => "",
        }
    }

    /// Follows `path` as far as it leads: the value reached, and the segments that remain.
    pub(crate) fn follow<'p>(&self, path: &'p [Segment]) -> (Hit<'_>, &'p [Segment]) {
        let mut hit = Hit { node: &self.root, key: None };
        for (done, segment) in path.iter().enumerate() {
            match hit.node.step(segment, self.text) {
                // Into a variant the key stays that of the variant's field.
                Some(next) => hit = Hit { key: next.key.or(hit.key.filter(|_| is_variant(segment))), ..next },
                None => return (hit, &path[done..]),
            }
        }
        (hit, &[])
    }

    /// The innermost value or key that holds the byte `offset`, and its path.
    pub(crate) fn at(&self, offset: usize) -> (Path, Hit<'_>) {
        let mut path = Path::default();
        let mut hit = Hit { node: &self.root, key: None };
        while let Some((segment, next)) = hit.node.child_at(offset) {
            path.0.push(segment);
            let on_key = next.key.as_ref().is_some_and(|key| key.contains(&offset));
            hit = next;
            if on_key {
                break;
            }
        }
        (path, hit)
    }

    /// Which bytes to point at for the value found: all of a short one; of one in brackets its
    /// name, or else its key, or else its bracket.
    pub(crate) fn head(&self, hit: &Hit<'_>) -> Range<usize> {
        match (&hit.node.kind, &hit.key) {
            (Kind::Group(group), _) if !group.name.is_empty() => group.name.clone(),
            (Kind::Group(_), Some(key)) => key.clone(),
            (Kind::Group(group), None) => group.open..group.open + 1,
            _ => hit.node.span.clone(),
        }
    }

    /// What stands there, for messages: "the number 250", "a list".
    pub(crate) fn describe(&self, node: &Node) -> String {
        let raw = shortened(&self.text[node.span.clone()]);
        match &node.kind {
            Kind::Text => format!("the string {raw}"),
            Kind::Word if is_number(&raw) => format!("the number {raw}"),
            Kind::Word => format!("`{raw}`"),
            Kind::Group(group) if !group.name.is_empty() => {
                format!("`{}(…)`", shortened(&self.text[group.name.clone()]))
            }
            Kind::Group(group) => match &group.body {
                Body::Struct(fields) if fields.is_empty() => "empty parentheses".to_owned(),
                Body::Struct(_) => "fields in parentheses".to_owned(),
                Body::Map(_) => "a map".to_owned(),
                Body::Tuple(_) => "values in parentheses".to_owned(),
                Body::List(_) => "a list".to_owned(),
            },
        }
    }
}

fn is_variant(segment: &Segment) -> bool {
    matches!(segment, Segment::Variant(_))
}

impl Node {
    /// The part of this value that `segment` names.
    pub(crate) fn step(&self, segment: &Segment, text: &str) -> Option<Hit<'_>> {
        let Kind::Group(group) = &self.kind else {
            return is_variant(segment).then_some(Hit { node: self, key: None });
        };
        match (segment, &group.body) {
            (Segment::Variant(name), Body::Tuple(items)) if items.len() == 1 && text[group.name.clone()] == **name => {
                Some(Hit { node: &items[0], key: None })
            }
            (Segment::Variant(_), _) => Some(Hit { node: self, key: None }),
            (Segment::Key(name), Body::Struct(entries) | Body::Map(entries)) => entries
                .iter()
                .find(|entry| entry.name == *name)
                .map(|entry| Hit { node: &entry.value, key: Some(entry.key.clone()) }),
            (Segment::Index(index), Body::List(items)) => items.get(*index).map(|node| Hit { node, key: None }),
            // `Work(LogNormal(mean: …))` and `Some(…)` are transparent.
            (_, Body::Tuple(items)) => {
                let inner = (items.len() == 1).then(|| items[0].step(segment, text)).flatten();
                let Segment::Index(index) = segment else { return inner };
                inner.or_else(|| items.get(*index).map(|node| Hit { node, key: None }))
            }
            _ => None,
        }
    }

    /// The part that holds the byte `offset`.
    fn child_at(&self, offset: usize) -> Option<(Segment, Hit<'_>)> {
        let Kind::Group(group) = &self.kind else { return None };
        match &group.body {
            Body::Struct(entries) | Body::Map(entries) => {
                entries.iter().find(|entry| (entry.key.start..entry.value.span.end).contains(&offset)).map(|entry| {
                    (Segment::Key(entry.name.clone()), Hit { node: &entry.value, key: Some(entry.key.clone()) })
                })
            }
            Body::Tuple(items) | Body::List(items) => {
                let index = items.iter().position(|item| item.span.contains(&offset))?;
                let only = items.len() == 1 && matches!(group.body, Body::Tuple(_));
                // The name is not needed: the segment is for display, where variants are silent.
                let segment = if only { Segment::Variant(String::new()) } else { Segment::Index(index) };
                Some((segment, Hit { node: &items[index], key: None }))
            }
        }
    }

    /// The fields or entries, if this value has some; those of its only content otherwise.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Group(Group { body: Body::Struct(entries) | Body::Map(entries), .. }) => Some(entries),
            Kind::Group(Group { body: Body::Tuple(items), .. }) if items.len() == 1 => items[0].entries(),
            _ => None,
        }
    }
}

/// Whether `word` is a number as RON writes it.
pub(crate) fn is_number(word: &str) -> bool {
    let word = word.replace('_', "");
    let digits = word.trim_start_matches(['+', '-']);
    let based = |prefix, base| digits.strip_prefix(prefix).is_some_and(|rest| u64::from_str_radix(rest, base).is_ok());
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && (word.parse::<f64>().is_ok() || based("0x", 16) || based("0o", 8) || based("0b", 2))
}

/// Whether `word` could name a field or a variant.
pub(crate) fn is_identifier(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `text` on one line of at most 40 characters, safe to print.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"
        // A comment with ) and "quotes.
        Scenario(
            name: "Black \" Friday", /* nested /* block */ ( */
            "odd": ',',
            services: {
                "shop": (balancer: PowerOfChoices(choices: 2), steps: [Work(LogNormal(mean: "20ms")), Fail(Some(3))]),
                "a.b": (raw: r#"raw " ) text"#, pair: ("0s", -1.5e3)),
            },
        )"##;

    #[test]
    fn every_path_has_its_bytes() {
        // A field name in quotes is a mistake, but one for the typed reader to tell.
        let outline = Outline::parse(TEXT).unwrap();
        for (path, value) in [
            ("name", r#""Black \" Friday""#),
            ("odd", "','"),
            ("services.shop.balancer", "PowerOfChoices(choices: 2)"),
            ("services.shop.balancer.choices", "2"),
            ("services.shop.steps[0].mean", r#""20ms""#),
            ("services.shop.steps[1]", "Fail(Some(3))"),
            (r#"services."a.b".raw"#, r##"r#"raw " ) text"#"##),
            (r#"services."a.b".pair[1]"#, "-1.5e3"),
        ] {
            assert_eq!(outline.span(path).map(|span| &TEXT[span]), Some(value), "{path}");
        }
        for path in ["service", "services.shop.steps[2]", "name.x", "services..x"] {
            assert_eq!(outline.span(path), None, "{path}");
        }
    }

    #[test]
    fn a_byte_knows_its_path() {
        let outline = Outline::parse(TEXT).unwrap();
        for (needle, path) in [
            ("20ms", "services.shop.steps[0].mean"),
            ("-1.5", r#"services."a.b".pair[1]"#),
            ("raw:", r#"services."a.b".raw"#),
        ] {
            assert_eq!(outline.at(TEXT.find(needle).unwrap()).0.to_string(), path);
        }
    }
}
