//! Overrides: `--set workloads.crowd.rate=5000/s` as an edit of the text.
//!
//! The value at the path is replaced; a field or entry that is absent is added to the struct or
//! map that would hold it, and so are the structs of fields that are absent themselves. Whether the
//! result makes sense is for the reader to tell, in whose messages the bytes edited point back to the
//! argument.

use super::codes::Code;
use super::diagnostic::{Diagnostic, Place};
use super::outline::{Body, Group, Kind, Node, Outline, is_identifier, is_number};
use super::path::{Path, Segment, quoted};
use super::scan;
use super::source::{Origin, Source};
use super::suggest::did_you_mean;

impl Source {
    /// This source with the override `path=value`, the value as RON.
    ///
    /// For the sake of shells, quotes may be left out around what is no RON value (`5000/s`,
    /// `70%`, `Black Friday`), and around a word where text stands now.
    ///
    /// # Errors
    ///
    /// A path that cannot be read or leads nowhere, a value that is not RON, or a source whose text
    /// is not RON itself.
    pub fn set(&self, argument: &str) -> Result<Source, Diagnostic> {
        let outline = Outline::parse(self.text())
            .map_err(|error| Diagnostic::at(error.code, self.place(error.span), error.message))?;
        let argument = Argument::read(argument)?;
        let names: Vec<Segment> = argument.path.iter().map(|(_, segment)| segment.clone()).collect();
        let (hit, rest) = outline.follow(&names);
        let mut edited = self.clone();
        let index = edited.add_argument(argument.text);
        let value = argument.parts(index, rest.is_empty() && matches!(hit.node.kind, Kind::Text));
        match rest {
            [] => edited.replace(hit.node.span.clone(), &value),
            [missing, inner @ ..] => {
                let slot = Slot::find(hit.node, missing, self.text()).filter(|slot| inner.is_empty() || slot.is_field);
                let first = names.len() - rest.len();
                let value = argument.within(&argument.path[first + 1..], value, index);
                let (Some(slot), Some(value)) = (slot, value) else {
                    return Err(argument.leads_nowhere(&outline, &names, hit.node, rest));
                };
                edited.replace(slot.at..slot.at, &slot.around(value, index, argument.path[first].0));
            }
        }
        Ok(edited)
    }
}

/// An argument of `--set`, taken apart.
struct Argument<'a> {
    text: &'a str,
    /// The path's segments and where each begins in `text`.
    path: Vec<(usize, Segment)>,
    value: &'a str,
    value_at: usize,
}

impl<'a> Argument<'a> {
    fn read(text: &'a str) -> Result<Argument<'a>, Diagnostic> {
        let fail = |at: usize, message: &str| {
            let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            Diagnostic::at(Code::Override, Place::new("--set", text, at..end), message)
                .help("an override is written path=value, such as services.shop.replicas=20")
        };
        let mut quoted = false;
        let equals = text
            .char_indices()
            .find(|&(_, c)| {
                quoted ^= c == '"';
                c == '=' && !quoted
            })
            .map(|(at, _)| at)
            .ok_or_else(|| fail(text.len(), "expected `=` and a value here"))?;
        let path = Path::parse_spanned(text[..equals].trim_end());
        let path = path.map_err(|error| fail(error.offset, error.message))?;
        if path.is_empty() {
            return Err(fail(0, "expected a path before `=`"));
        }
        let after = &text[equals + 1..];
        let value_at = equals + 1 + (after.len() - after.trim_start().len());
        let argument = Argument { text, path, value: after.trim(), value_at };
        if argument.value.is_empty() {
            return Err(fail(text.len(), "expected a value after `=`"));
        }
        if !argument.is_ron() {
            return Ok(argument);
        }
        let value = scan::document(argument.value).map_err(|error| {
            let span = error.span.start + value_at..error.span.end + value_at;
            Diagnostic::at(Code::Override, Place::new("--set", text, span), error.message)
        })?;
        // Without comments: one behind the value would swallow what follows it in the file.
        Ok(Argument { value: &argument.value[value.span.clone()], value_at: value_at + value.span.start, ..argument })
    }

    /// Whether the value is meant as RON as it stands, not as text without its quotes.
    fn is_ron(&self) -> bool {
        let value = self.value;
        let unnamed = value.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start();
        let opens = |text: &str, brackets: &[char]| text.starts_with(brackets);
        is_number(value)
            || is_identifier(value)
            || opens(value, &['[', '{', '"', '\''])
            || opens(unnamed, &['('])
            || ["r\"", "r#"].iter().any(|raw| value.starts_with(raw))
    }

    /// The value as RON, with quotes where they are missing; `for_text` if it takes the place of text.
    fn parts(&self, index: usize, for_text: bool) -> Vec<(String, Origin)> {
        let exact = Origin::Argument(index, self.value_at);
        // `None` takes text away, where it may be missing.
        let is_word = is_identifier(self.value) && self.value != "None";
        if self.is_ron() && !(for_text && is_word) {
            return vec![(self.value.to_owned(), exact)];
        }
        let text = quoted(self.value);
        let inner = &text[1..text.len() - 1];
        // Escapes shift the bytes: then all of it stands for its beginning.
        let origin = if inner == self.value { exact } else { Origin::Glue(index, self.value_at) };
        let last = self.value_at + self.value.len() - 1;
        vec![
            ("\"".to_owned(), Origin::Glue(index, self.value_at)),
            (inner.to_owned(), origin),
            ("\"".to_owned(), Origin::Glue(index, last)),
        ]
    }

    /// The value as that of a field in a struct in a struct, as `names` say; `None` if one is no field's name.
    ///
    /// Whether there are such fields is for the reader to tell, who knows them all.
    fn within(
        &self,
        names: &[(usize, Segment)],
        value: Vec<(String, Origin)>,
        index: usize,
    ) -> Option<Vec<(String, Origin)>> {
        names.iter().rev().try_fold(value, |value, (at, segment)| {
            let Segment::Key(name) = segment else { return None };
            let glue = |text: &str| (text.to_owned(), Origin::Glue(index, *at));
            let mut parts = vec![glue("("), (name.clone(), Origin::Argument(index, *at)), glue(": ")];
            parts.extend(value);
            parts.push(glue(")"));
            is_identifier(name).then_some(parts)
        })
    }

    /// The error for a path that `outline` follows only up to `node`, leaving `rest`.
    fn leads_nowhere(&self, outline: &Outline<'_>, names: &[Segment], node: &Node, rest: &[Segment]) -> Diagnostic {
        let done = names.len() - rest.len();
        let at = self.path[done].0;
        let end = self.path.get(done + 1).map_or(self.text.find('=').unwrap_or(self.text.len()), |(next, _)| *next);
        let end = at + self.text[at..end.max(at)].trim_end_matches('.').len();
        let parent = match done {
            0 => "at top level".to_owned(),
            _ => format!("in `{}`", Path(names[..done].to_vec())),
        };
        let diagnostic = |message| Diagnostic::at(Code::Override, Place::new("--set", self.text, at..end), message);
        match (&rest[0], node.entries(), &node.kind) {
            (Segment::Key(name), Some(entries), _) => diagnostic(format!("no `{name}` {parent}"))
                .help(did_you_mean(name, entries.iter().map(|entry| entry.name.as_str()))),
            (Segment::Index(index), _, Kind::Group(Group { body: Body::List(items) | Body::Tuple(items), .. })) => {
                diagnostic(format!("no element {index} {parent}: it has {}, counted from 0", items.len()))
            }
            (Segment::Key(name), ..) => diagnostic(format!("no `{name}` {parent}: that is {}", outline.describe(node))),
            (..) => diagnostic(format!("no elements {parent}: that is {}", outline.describe(node))),
        }
    }
}

/// Where an absent part goes, and what is to be put around its value.
struct Slot {
    at: usize,
    before: &'static str,
    /// The part's name, if it is not an element of a list.
    key: Option<String>,
    after: &'static str,
    /// Whether it is a field's, whose name the schema has to know.
    is_field: bool,
}

impl Slot {
    /// The slot for `missing` in `node`; `None` if it cannot hold such a part.
    fn find(node: &Node, missing: &Segment, text: &str) -> Option<Slot> {
        let (name, group) = match (missing, &node.kind) {
            (Segment::Key(name), Kind::Group(group)) => (name, group),
            // A bare variant, so far with its defaults.
            (Segment::Key(name), Kind::Word) if is_identifier(name) && is_identifier(&text[node.span.clone()]) => {
                return Some(Slot {
                    at: node.span.end,
                    before: "(",
                    key: Some(name.clone()),
                    after: ")",
                    is_field: true,
                });
            }
            (Segment::Index(index), Kind::Group(group)) => {
                let Body::List(items) = &group.body else { return None };
                return (*index == items.len()).then(|| Slot::last(items.last(), group.open, None));
            }
            _ => return None,
        };
        match &group.body {
            Body::Struct(fields) if is_identifier(name) => {
                let last = Slot::last(fields.last().map(|field| &field.value), group.open, Some(name.clone()));
                Some(Slot { is_field: true, ..last })
            }
            Body::Map(entries) => {
                let bare = entries.last().is_some_and(|entry| !text[entry.key.clone()].starts_with('"'));
                let key = if bare { name.clone() } else { quoted(name) };
                Some(Slot::last(entries.last().map(|entry| &entry.value), group.open, Some(key)))
            }
            Body::Tuple(items) if items.len() == 1 => Slot::find(&items[0], missing, text),
            _ => None,
        }
    }

    /// Behind the last part, or behind the opening bracket if there is none.
    fn last(last: Option<&Node>, open: usize, key: Option<String>) -> Slot {
        match last {
            Some(last) => Slot { at: last.span.end, before: ", ", key, after: "", is_field: false },
            None => Slot { at: open + 1, before: "", key, after: "", is_field: false },
        }
    }

    /// All that goes into this slot; the name stands at the byte `name_at` of the argument.
    fn around(self, value: Vec<(String, Origin)>, index: usize, name_at: usize) -> Vec<(String, Origin)> {
        let glue = Origin::Glue(index, name_at);
        let mut parts = vec![(self.before.to_owned(), glue)];
        if let Some(key) = self.key {
            parts.push((key, Origin::Argument(index, name_at)));
            parts.push((": ".to_owned(), glue));
        }
        parts.extend(value);
        parts.push((self.after.to_owned(), glue));
        parts
    }
}
