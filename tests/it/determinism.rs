//! The same scenario, seed and version give the same bytes: for any number of threads, in debug
//! and in release, twice in a row, and as they were when the digests were committed.

use std::fmt::Write as _;

use stalelab::scenario::builtin::SCENARIOS;

use crate::scenarios::{compare, shortened};

/// Every variant's and replication's digest: a line each.
fn digests(name: &str, threads: usize) -> String {
    let comparison = compare(name, shortened(name), threads);
    let mut text = String::new();
    for variant in &comparison.variants {
        for row in &variant.replications {
            let _ = writeln!(text, "{name} | {} | {:016x}", variant.name, row.digest);
        }
    }
    text
}

#[test]
fn threads_do_not_show_and_digests_are_the_committed_ones() {
    let mut made = String::new();
    for builtin in SCENARIOS {
        let one = digests(builtin.name, 1);
        assert_eq!(one, digests(builtin.name, 2), "{}", builtin.name);
        made.push_str(&one);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/cases/digests.txt");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if committed.replace("\r\n", "\n") != made {
        let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/digests.txt");
        std::fs::write(target, &made).expect("the target folder can be written");
        let changed = made.lines().zip(committed.lines()).find(|(new, old)| new != old);
        panic!(
            "results differ from the committed digests, first at {changed:?}. A change of results \
             needs a line in CHANGELOG.md and a minor version; to accept it:\n  cp {target} {path}"
        );
    }
}
