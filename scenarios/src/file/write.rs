//! Typed values to text: everything resolved, in the form that [`parse`](super::parse) reads.

use ron::Options;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::Serialize;

use super::outline::{Body, Kind, Node, Outline};
use super::path::{Path, Segment};
use super::source::Source;

/// The text of `value`, a struct called `name`, with all its defaults, for [`parse`](super::parse) to read.
///
/// # Panics
///
/// If `value` serialises to what RON cannot hold; no scenario type does.
pub fn write<T: Serialize>(name: &str, value: &T) -> String {
    let style = PrettyConfig::new().struct_names(false).indentor("    ").new_line("\n");
    let options =
        Options::default().with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    let text = options.to_string_pretty(value, style).expect("scenario types are representable in RON");
    format!("{name}{text}\n")
}

/// As [`write()`], with a comment at each value that `source`, from which `value` was parsed, leaves
/// to its default.
pub fn write_explained<T: Serialize>(name: &str, value: &T, source: &Source) -> String {
    let text = write(name, value);
    let (Ok(resolved), Ok(given)) = (Outline::parse(&text), Outline::parse(source.text())) else { return text };
    let mut ends = Vec::new();
    collect_defaults(&resolved.root, &mut Path::default(), &given, &mut ends);
    ends.sort_unstable();
    let mut explained = String::with_capacity(text.len() + 16 * ends.len());
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let line_end = line_start + line.len();
        explained.push_str(line.trim_end_matches('\n'));
        if ends.iter().any(|end| (line_start..line_end).contains(end)) {
            explained.push_str(" // default");
        }
        explained.push('\n');
        line_start = line_end;
    }
    explained
}

/// Where the fields end that `given` does not mention; what is within them needs no comment of its own.
fn collect_defaults(node: &Node, path: &mut Path, given: &Outline<'_>, ends: &mut Vec<usize>) {
    let Kind::Group(group) = &node.kind else { return };
    match &group.body {
        Body::Struct(entries) | Body::Map(entries) => {
            for entry in entries {
                path.0.push(Segment::Key(entry.name.clone()));
                if given.follow(&path.0).1.is_empty() {
                    collect_defaults(&entry.value, path, given, ends);
                } else {
                    ends.push(entry.value.span.end);
                }
                path.0.pop();
            }
        }
        Body::Tuple(items) if items.len() == 1 => collect_defaults(&items[0], path, given, ends),
        Body::Tuple(items) | Body::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.0.push(Segment::Index(index));
                collect_defaults(item, path, given, ends);
                path.0.pop();
            }
        }
    }
}
