//! What a lost operation does to the request it is part of, with and without a timeout: what
//! `stalelab explain lose` says.

use stalelab::experiment::{self, Options};
use stalelab::scenario::{Input, parse};

/// The share of requests that fail while every operation of this kind is lost.
fn failed(strategy: &str, operation: &str, timeouts: &str) -> f64 {
    let text = format!(
        r#"
        duration = "2s"
        replications = 1
        {timeouts}
        [workload]
        arrivals = {{ poisson = {{ rate = 100.0 }} }}
        clients = 4
        read_share = 0.5
        keys = 10
        [[variant]]
        strategy = {{ {strategy} }}
        [[fault]]
        at = "0s"
        lose = {{ operation = "{operation}", probability = 1.0 }}
        "#
    );
    let input = Input::from_text("losses", &text);
    let checked =
        parse(&input, &[]).unwrap_or_else(|found| panic!("{}", found.render(&input, false)));
    let results = experiment::run(&checked.scenario, &Options::default(), &()).expect("it runs");
    results.variants[0].estimate("failed_request_ratio").expect("there are requests").mean
}

#[test]
fn a_loss_is_noticed_where_no_answer_can_be_made_up_or_by_a_timeout() {
    // Strategy, operation, whether requests fail without a timeout, and with one.
    let cases = [
        ("delete-on-write = {}", "cache.get", false, true),
        ("delete-on-write = {}", "cache.set", false, true),
        ("delete-on-write = {}", "cache.delete", false, true),
        ("delete-on-write = {}", "db.read", true, true),
        ("delete-on-write = {}", "db.write", true, true),
        ("versioned = {}", "cache.set_if_newer", false, true),
        ("versioned = {}", "cache.tombstone", false, true),
        ("lease = {}", "cache.lease", true, true),
        ("lease = {}", "cache.fill", false, true),
        ("write-behind = { delay = \"100ms\" }", "cache.accept", true, true),
        // The strategy does not look at what becomes of it. The lock ends by itself, soon enough.
        ("write-through = { hold = \"20ms\" }", "cache.unlock", false, false),
    ];
    for (strategy, operation, without, with) in cases {
        let timeouts = "cache.timeout = \"500ms\"\ndatabase.timeout = \"500ms\"";
        for (timeouts, expected) in [("", without), (timeouts, with)] {
            let failed = failed(strategy, operation, timeouts);
            assert_eq!(failed > 0.1, expected, "{strategy}, {operation}, {timeouts:?}: {failed}");
        }
    }
}
