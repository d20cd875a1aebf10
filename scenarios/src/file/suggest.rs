//! "Did you mean …": the known name nearest to a misspelled one.

/// How many known names a message lists before it breaks off.
const LISTED_MAX: usize = 24;

/// The candidate nearest to `name` by edit distance (insertions, deletions, swaps; case counts
/// little), if it is near enough to be a slip of the pen; the first of equals.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A help line for an unknown `name`: ``did you mean `timeout`? (known: name, workers, timeout)``.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let mut list = known.iter().take(LISTED_MAX).copied().collect::<Vec<_>>().join(", ");
    if known.len() > LISTED_MAX {
        list.push_str(", …");
    }
    match closest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? (known: {list})"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("known: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_caught_and_strangers_are_not() {
        let known = ["name", "workers", "timeout"];
        assert_eq!(closest("tiemout", known), Some("timeout"));
        assert_eq!(closest("Timeout", known), Some("timeout"));
        assert_eq!(closest("nam", known), Some("name"));
        assert_eq!(closest("replicas", known), None);
        assert_eq!(closest("", known), None);
        assert_eq!(did_you_mean("x", known), "known: name, workers, timeout");
    }
}
