//! Tests of the warning that the database cannot serve the load.

use super::parse;
use super::tests::{GOOD, input};

/// What is said of the load, with these changes to the good scenario.
fn overloads(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = GOOD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let input = input(&text);
    let checked = parse(&input, &[]).unwrap_or_else(|e| panic!("{}", e.render(&input, false)));
    let list = checked.warnings.iter().filter(|one| one.code == "S101");
    list.map(|one| {
        let (line, column) = checked.warnings.line_and_column(one, &input);
        format!("{line}:{column} {}", one.message)
    })
    .collect()
}

#[test]
fn an_open_loop_the_database_cannot_serve_is_warned_of() {
    let primary = ("reads_from = \"replica\"", "");
    let few = ("replicas = 2", "replicas = 2\nconnections = 1");
    let ms = |write: &'static str| ("write = { pareto = { min = \"1ms\", shape = 2.5 } }", write);
    let alone = ("{ view-then-act = { think = \"2s\" } }", "\"independent\"");
    assert!(overloads(&[]).is_empty());
    // In variant "a", 50 reads of 8 ms go to two replicas, and 50 writes to the primary.
    assert!(overloads(&[few, ms("write = \"19ms\""), alone]).is_empty());
    assert_eq!(
        overloads(&[few, ms("write = \"20ms\""), alone]),
        ["10:33 \"a\": writes are 1.00 times the work that 1 connection of the primary can do"]
    );
    assert_eq!(
        overloads(&[few, ms("write = \"0s\""), alone, ("\"8ms\"", "\"50ms\"")]),
        ["10:33 \"a\": reads are 1.25 times the work that 1 connection of each replica can do"]
    );
    assert_eq!(
        overloads(&[few, ms("write = \"15ms\""), alone, primary]),
        [
            "10:33 \"a\": reads and writes are 1.15 times the work that 1 connection of the primary can do"
        ]
    );
    // Every view is followed by an act: 100 writes a second, and 100 in the other variant.
    assert_eq!(
        overloads(&[few, ms("write = \"10ms\"")]),
        ["10:33 writes and acts are 1.00 times the work that 1 connection of the primary can do"]
    );
    // A tenth of the 50 writes is read back: 55 reads.
    let edit =
        ("view-then-act = { think = \"2s\" }", "edit-then-view = { think = \"2s\", share = 0.1 }");
    assert_eq!(
        overloads(&[few, ms("write = \"0s\""), edit, primary, ("\"8ms\"", "\"20ms\"")]),
        [
            "10:33 \"a\": reads and writes are 1.10 times the work that 1 connection of the primary can do"
        ]
    );
    assert_eq!(
        overloads(&[("shape = 2.5", "shape = 1.0"), alone]),
        [
            "25:9 writes keep a connection of the primary for an infinite time on average: no number of connections is enough"
        ]
    );
    let no_writes =
        [("shape = 2.5", "shape = 1.0"), alone, ("read_share = 0.9", "read_share = 1.0")];
    assert!(
        overloads(&[&no_writes[..], &[("read_share = 0.5", "read_share = 1.0")]].concat())
            .is_empty()
    );
}

#[test]
fn a_closed_loop_without_a_pace_is_refused_and_a_breathless_one_warned_of() {
    let think = |d: &str| {
        let text = GOOD.replace(
            "{ poisson = { rate = 100.0 } }",
            &format!("{{ closed = {{ think = {d} }} }}"),
        );
        assert_ne!(text, GOOD, "the good scenario is an open loop");
        let input = input(&text);
        match parse(&input, &[]) {
            Ok(checked) => checked.warnings.iter().map(|one| one.code).collect::<Vec<_>>(),
            Err(mistakes) => mistakes.iter().map(|one| one.code).collect(),
        }
    };
    assert!(think("{ uniform = { min = \"0s\", max = \"0s\" } }").contains(&"S005"));
    assert!(!think("\"1s\"").contains(&"S102"));
}
