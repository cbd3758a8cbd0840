//! Comparisons made by hand, for the reports' tests.

use stalelab::metrics::{
    AgePoint, Comparison, Estimate, FreshnessPoint, LatencyPoint, METRICS, Queue, ReplicationRow,
    StaleKeyPoint, TimelinePoint, Unstable, VariantSummary, Verdict, VerdictOutcome, Window, index,
};
use stalelab::report::Header;
use stalelab::time::{Span, Time};

/// A header with everything in it.
pub(crate) fn header() -> Header {
    Header {
        name: "in-stock".into(),
        title: "In stock, until checkout".into(),
        summary: "Shoppers see a product page from the cache, then buy from the database.".into(),
        seed: 7,
        replications: 8,
        warmup: Span::from_secs(10),
        overrides: vec!["workload.read_share=0.5".into()],
        replay: "stalelab run in-stock --seed 7 --set workload.read_share=0.5".into(),
        resolved: serde_json::json!({ "seed": 7 }),
    }
}

/// An estimate over eight replications.
pub(crate) fn estimate(mean: f64, half_width: f64) -> Estimate {
    let ci95 = Some((mean - half_width, mean + half_width));
    Estimate {
        mean,
        ci95,
        replications: 8,
        source: stalelab::metrics::Source::Replications,
        zero_bound: None,
    }
}

/// No event in `n`.
pub(crate) fn none_in(n: f64) -> Estimate {
    Estimate {
        mean: 0.0,
        ci95: Some((0.0, 0.0)),
        replications: 8,
        source: stalelab::metrics::Source::Replications,
        zero_bound: Some(3.0 / n),
    }
}

/// A variant with these metrics and no others.
pub(crate) fn variant(
    name: &str,
    strategy: &'static str,
    metrics: &[(&str, Estimate)],
) -> VariantSummary {
    let mut estimates = vec![None; METRICS.len()];
    for (metric, estimate) in metrics {
        estimates[index(metric).expect("a metric")] = Some(*estimate);
    }
    let start = Time::ZERO + Span::from_secs(10);
    let values = estimates.iter().map(|estimate| estimate.map(|e: Estimate| e.mean)).collect();
    VariantSummary {
        name: name.into(),
        strategy,
        clients_are_services: false,
        window: Window { start, end: start + Span::from_secs(120) },
        differences: vec![None; METRICS.len()],
        replications: vec![ReplicationRow { replication: 0, values, digest: 0xabc }],
        latency: vec![LatencyPoint { op: "read", percentile: 99.9, latency_us: 812.5 }],
        staleness: vec![AgePoint { age_ms: 0.1, share_older: 1.0 }],
        freshness: vec![FreshnessPoint {
            from_ms: 1.0,
            to_ms: 1.25,
            reads: 1_000,
            fresh_ratio: estimate(0.5, 0.25),
        }],
        stale_keys: vec![StaleKeyPoint {
            key: 3,
            start_s: 10.0,
            commits: 1,
            reads: 5,
            stale_reads: 2,
            age_max_ms: 40.5,
        }],
        timeline: vec![TimelinePoint { start_s: 10.0, reads_per_s: 950.5, ..Default::default() }],
        unstable: None,
        notes: Vec::new(),
        estimates,
    }
}

/// A yardstick without a cache.
pub(crate) fn no_cache() -> VariantSummary {
    let metrics = [
        ("reads", estimate(237_375.0, 120.0)),
        ("hit_ratio", none_in(1_899_000.0)),
        ("stale_read_ratio", none_in(1_899_000.0)),
        ("ack_stale_read_ratio", none_in(1_899_000.0)),
        ("failed_act_ratio", none_in(60_000.0)),
        ("read_latency_p50_ms", estimate(2.51, 0.01)),
        ("read_latency_p99_ms", estimate(12.8, 0.2)),
        ("db_reads_per_s", estimate(1980.0, 4.0)),
        ("db_utilization", estimate(0.223, 0.001)),
    ];
    variant("no cache", "no-cache", &metrics)
}

/// A cache that waits for its TTL.
pub(crate) fn ttl_only() -> VariantSummary {
    let metrics = [
        ("reads", estimate(237_375.0, 120.0)),
        ("hit_ratio", estimate(0.931, 0.002)),
        ("stale_read_ratio", estimate(0.124, 0.0031)),
        ("ack_stale_read_ratio", estimate(0.1233, 0.003)),
        ("stale_age_mean_ms", estimate(22_100.0, 300.0)),
        ("stale_age_p99_ms", estimate(57_300.0, 500.0)),
        ("stale_cause.ttl-window", estimate(0.1231, 0.003)),
        ("stale_cause.in-flight-invalidation", estimate(0.0009, 0.0001)),
        ("failed_act_ratio", estimate(0.0712, 0.002)),
        ("visible_glitches", estimate(812.0, 9.0)),
        ("read_latency_p50_ms", estimate(0.52, 0.01)),
        ("read_latency_p99_ms", estimate(6.4, 0.2)),
        ("db_reads_per_s", estimate(141.0, 2.0)),
        ("db_utilization", estimate(0.0214, 0.0004)),
    ];
    let mut variant = variant("ttl 60 s", "ttl-only", &metrics);
    for (metric, difference) in [
        ("stale_read_ratio", estimate(0.124, 0.0031)),
        ("read_latency_p99_ms", estimate(-6.4, 0.2)),
        ("db_reads_per_s", estimate(-1839.0, 4.2)),
        ("failed_act_ratio", estimate(0.001, 0.002)),
    ] {
        variant.differences[index(metric).expect("a metric")] = Some(difference);
    }
    variant.notes.push("3 keys were never written, so nothing about them can be stale.".into());
    variant
}

/// A variant whose database could not keep up.
pub(crate) fn overloaded() -> VariantSummary {
    let metrics = [("read_latency_p99_ms", estimate(48_000.0, 900.0))];
    let mut variant = variant("no cache, slow query", "no-cache", &metrics);
    variant.unstable =
        Some(Unstable { queue: Queue::Database, queue_at_end: 97_440.0, growth_per_s: 812.3 });
    variant
}

/// Two variants, three verdicts.
pub(crate) fn two() -> Comparison {
    let verdict = |variant, metric, min, max, estimate, outcome| Verdict {
        variant,
        metric,
        min,
        max,
        estimate,
        outcome,
    };
    let verdicts = vec![
        verdict(
            1,
            "stale_read_ratio",
            Some(0.01),
            None,
            Some(estimate(0.124, 0.0031)),
            VerdictOutcome::Held,
        ),
        verdict(
            0,
            "stale_read_ratio",
            None,
            Some(0.000_001),
            Some(none_in(1_899_000.0)),
            VerdictOutcome::Inconclusive,
        ),
        verdict(
            1,
            "read_latency_p99_ms",
            Some(1.0),
            Some(5.0),
            Some(estimate(6.4, 0.2)),
            VerdictOutcome::Failed,
        ),
        verdict(0, "conflicting_act_ratio", None, Some(0.5), None, VerdictOutcome::Inconclusive),
    ];
    Comparison { variants: vec![no_cache(), ttl_only()], verdicts, until: None }
}

/// Twelve variants with names as long as they may be, one of them unstable.
pub(crate) fn twelve() -> Comparison {
    let mut variants: Vec<VariantSummary> = (1..12)
        .map(|number| {
            let mut variant = ttl_only();
            variant.name = format!("delete on write, expiry {number:02} min");
            assert!(variant.name.len() == 30 && number < 12, "{}", variant.name);
            let stale = index("stale_read_ratio").expect("a metric");
            variant.estimates[stale] = Some(estimate(0.012_403 * f64::from(number), 0.000_041));
            variant
        })
        .collect();
    variants.push(overloaded());
    let mut verdicts = two().verdicts;
    verdicts[0].metric = "read_your_writes_violation_ratio";
    Comparison { variants, verdicts, until: None }
}
