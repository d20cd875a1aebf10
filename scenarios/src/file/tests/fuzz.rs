//! Broken at random: a message at worst, never a panic.

use proptest::prelude::*;

use super::*;

/// Fragments that disturb a file more than random bytes would.
const FRAGMENTS: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "\"", "'", ",", ":", "//", "/*", "*/", "r#\"", "\\", "=", "é", "5", "x", "Some(",
    "#", "\0", "-", ".", "\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_makes_it_panic(edits in proptest::collection::vec((0..GOOD.len(), 0_usize..6, 0..FRAGMENTS.len()), 1..4)) {
        let mut text = GOOD.to_owned();
        for (at, cut, fragment) in edits {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.ceil_char_boundary((start + cut).min(text.len()));
            text.replace_range(start..end, FRAGMENTS[fragment]);
        }
        let source = Source::new("fuzz.ron", text);
        if let Err(diagnostic) = parse::<Scenario>(&source) {
            prop_assert!(diagnostic.line.is_some() && diagnostic.column.is_some(), "{}", diagnostic);
            prop_assert!(diagnostic.render(false).contains(" --> fuzz.ron:"), "{}", diagnostic);
        }
    }

    #[test]
    fn no_override_makes_it_panic(path in "[a-z.\\[\\]\"0-9]{0,12}", value in "[a-z0-9(){}\\[\\]\",:/%é ]{0,12}") {
        for path in [path.as_str(), "services.shop.replicas", "workloads.new", "services.stock.balancer.x"] {
            if let Err(diagnostic) = set(&[&format!("{path}={value}")]) {
                prop_assert!(diagnostic.line.is_some(), "{}", diagnostic);
            }
        }
    }
}
