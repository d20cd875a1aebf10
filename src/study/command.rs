//! The command line as a report gives it: what decides the results, without where they go and who does the
//! work, so that shards and resumed studies write the same bytes.

/// Options with a value that no figure depends on.
const WITH_VALUE: [&str; 6] = ["--out", "--threads", "--shard", "--format", "--progress", "--color"];
/// The same, without a value.
const ALONE: [&str; 5] = ["--quiet", "--verbose", "-q", "-v", "--dry-run"];

/// The command of this process, ready for a shell.
pub(crate) fn command() -> String {
    repeated(std::env::args().skip(1))
}

/// `gameday` with those of `arguments` that decide the results.
fn repeated(arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec!["gameday".to_owned()];
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        if WITH_VALUE.contains(&argument.as_str()) {
            // Its value goes with it.
            arguments.next();
        } else if !WITH_VALUE.contains(&name) && !ALONE.contains(&name) {
            words.push(quoted(&argument));
        }
    }
    words.join(" ")
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,%+".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_nothing_is_left_out_and_the_rest_is_quoted() {
        let said = "-q sweep my.ron --out x --threads=2 --shard 1/2 --reps 5 --set";
        let said = said.split(' ').chain(["a=B(c: \"1ms\")", "--goal", "min p99", "--set", "name=it's"]);
        let told = repeated(said.map(str::to_owned));
        assert_eq!(
            told,
            r#"gameday sweep my.ron --reps 5 --set 'a=B(c: "1ms")' --goal 'min p99' --set 'name=it'\''s'"#
        );
    }
}
