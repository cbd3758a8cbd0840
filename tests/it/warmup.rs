//! What is measured of a beginning is told, with what to do about it; and nothing else is.

use crate::support::compare;

/// The notes of the only variant of a scenario.
fn notes(text: &str) -> Vec<String> {
    let comparison = compare("warmup", text);
    comparison.variants[0].notes.clone()
}

/// A cache that takes a while to fill: a thousand keys, read a hundred times a second.
fn filling(warmup: &str, rest: &str) -> String {
    format!(
        r#"
        duration = "60s"
        warmup = "{warmup}"
        replications = 4
        [workload]
        arrivals = {{ poisson = {{ rate = 300.0 }} }}
        read_share = 0.99
        keys = 1000
        [[variant]]
        strategy = {{ delete-on-write = {{}} }}
        {rest}
        "#
    )
}

#[test]
fn a_window_that_begins_too_early_is_told_and_what_is_said_helps() {
    let notes_at = |warmup: &str| notes(&filling(warmup, ""));
    for (warmup, begins) in
        [("0s", "and there is no warm-up"), ("2s", "and the measured window begins at 2s")]
    {
        let said = notes_at(warmup);
        let [note] = said.as_slice() else { panic!("{said:?}") };
        assert!(note.starts_with("Still warming up until about "), "{note}");
        assert!(note.contains(begins), "{note}");
        let (_, suggested) = note.split_once("--set warmup=").expect("it says what to do");
        let suggested = suggested.trim_end_matches('.');
        assert_eq!(notes_at(suggested), Vec::<String>::new(), "with {suggested}");
    }
}

#[test]
fn a_run_that_is_too_short_says_so() {
    let said = notes(&filling("0s", "").replace("60s", "4s"));
    let [note] = said.as_slice() else { panic!("{said:?}") };
    assert!(note.starts_with("Too short to tell a steady state: the hit ratio"), "{note}");
    assert!(note.contains("still changing at the end."), "{note}");
}

#[test]
fn what_a_fault_begins_is_no_warm_up() {
    let restart = "[[fault]]\nat = \"60s\"\ncache-restart = {}";
    assert_eq!(notes(&filling("30s", restart)), Vec::<String>::new());
    let lossy = "[[fault]]\nat = \"50s\"\nfor = \"20s\"\nlose = { operation = \"cache.set\" }";
    assert_eq!(notes(&filling("30s", lossy)), Vec::<String>::new());
    // Before it, there is one, and it is cut short.
    let early = restart.replace("60s", "15s");
    let said = notes(&filling("1s", &early).replace("keys = 1000", "keys = 20000"));
    assert!(said.concat().contains("still changing when something broke at 15s."), "{said:?}");
    // What ends in the warm-up begins another one.
    let ends = "[[fault]]\nat = \"0s\"\nfor = \"20s\"\nlose = { operation = \"cache.set\" }";
    let said = notes(&filling("20s", ends));
    assert!(said.concat().starts_with("Still warming up until about "), "{said:?}");
    assert_eq!(notes(&filling("50s", ends)), Vec::<String>::new());
}
