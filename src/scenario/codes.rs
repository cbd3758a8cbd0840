//! The diagnostics' codes and what they mean, for `stalelab explain CODE`.

/// Every code with its explanation.
pub const CODES: &[(&str, &str)] = &[
    (
        "S001",
        "The file is not TOML. The message says what the parser expected at that place. Strings need quotes, durations are strings (\"5ms\"), and a table header stands on a line of its own.",
    ),
    (
        "S002",
        "A key that a scenario does not have. Nothing in a scenario is ignored, so that a typo cannot silently change what is measured. The message lists what is accepted there.",
    ),
    (
        "S003",
        "A value of the wrong type, for example a number where a duration (a string with a unit) is expected.",
    ),
    (
        "S004",
        "A duration that cannot be read. A duration is a number and a unit in a string: \"250us\", \"5ms\", \"1m 30s\", \"24h\". Units: ns, us, ms, s, m, h, days.",
    ),
    (
        "S005",
        "A number outside the range that makes sense there: a share above 1, a negative rate, no client at all.",
    ),
    ("S006", "Something required is missing. The message names it and shows how it is written."),
    (
        "S007",
        "A word that is not one of those accepted there, such as the name of a strategy, a distribution, an eviction policy, a fault or an operation.",
    ),
    (
        "S008",
        "A table that names its kind by its only key has none, or more than one. Write for example strategy = { ttl-only = { ttl = \"60s\" } }.",
    ),
    (
        "S009",
        "A distribution whose parameters contradict each other: a minimum above the maximum, or a 99th percentile below the median.",
    ),
    (
        "S010",
        "Two variants have the same name, so that neither an expectation nor a reader could tell them apart.",
    ),
    (
        "S011",
        "An expectation names a variant or a metric that does not exist, or has no bound, or bounds that contradict each other. An expectation that matches nothing would pass for ever.",
    ),
    (
        "S012",
        "A fault that cannot happen: it starts after the run has ended, or lasts no time, or concerns servers that do not exist.",
    ),
    ("S013", "Reads are sent to replicas, and there is none."),
    (
        "S014",
        "The tables for this many keys do not fit. A run needs about 48 bytes a key, 64 with a capacity, for each variant that runs at the same time.",
    ),
    (
        "S015",
        "The trace file does not exist where the scenario says. Paths are relative to the scenario's folder.",
    ),
    (
        "S016",
        "An override that does not name a value of the scenario. Variants may override workload, cache, database and servers; --set may also set seed, duration, warmup and replications, and reach into a variant by its name: variant.NAME.strategy.ttl-only.ttl=5s.",
    ),
    (
        "S101",
        "The database cannot keep up with this open-loop load: more work arrives than its connections can do, so its queue only grows and every latency depends on how long the run lasts. The result will say so too.",
    ),
    (
        "S102",
        "The run will take long: the message says how many requests it makes. Fewer replications or a shorter duration give the same answer with wider intervals.",
    ),
    (
        "S103",
        "The value has no effect: with a trace, keys, clients and the share of reads come from the trace.",
    ),
    (
        "S104",
        "A Pareto distribution with a shape of 1 or less has no mean: averages will not settle, however long the run.",
    ),
    ("S105", "The cache is as large as the key space or larger, so that nothing is ever evicted."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_not_used_twice() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
