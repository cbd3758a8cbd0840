//! TTL-only with instant fetches.

use super::study::Study;
use super::worlds::{per_key, setup};
use crate::metrics::Measurement;
use crate::strategies::TtlOnly;
use crate::theory::eviction::zipf_shares;
use crate::theory::ttl::{TtlOnly as Theory, ttl_only_keys};
use crate::time::Span;
use crate::workload::{Popularity, WorkloadConfig};
use crate::world::WorldConfig;

const FORM: &str = "ttl::TtlOnly";

pub(super) fn hit_ratio(run: &Measurement) -> f64 {
    run.counts.hits as f64 / run.counts.reads as f64
}

pub(super) fn stale_hits(run: &Measurement) -> f64 {
    run.counts.stale as f64 / run.counts.hits as f64
}

pub(super) fn stale_reads(run: &Measurement) -> f64 {
    run.counts.stale as f64 / run.counts.reads as f64
}

fn age_mean_s(run: &Measurement) -> f64 {
    run.ages.sum_ns as f64 / 1e9 / run.counts.stale as f64
}

pub(super) fn studies() -> Vec<Study> {
    let mut studies: Vec<Study> =
        [(1.0, 0.2, 2.0), (5.0, 1.0, 2.0), (2.0, 0.5, 5.0), (0.5, 0.5, 10.0)]
            .map(|(reads, writes, ttl_s)| one(reads, writes, ttl_s))
            .into();
    studies.extend([true, false].map(zipf));
    studies
}

/// Keys alike. Keys are filled in step with the start of the run, and come out of step within
/// some (1 + λT)²/10 cycles: the warm-up is longer than that.
fn one(reads: f64, writes: f64, ttl_s: f64) -> Study {
    let theory = Theory::new(reads, writes, ttl_s).expect("in range");
    let cycle_s = ttl_s + 1.0 / reads;
    let strategy = TtlOnly { ttl: Span((ttl_s * 1e9) as u64), reply_before_fill: false };
    let setup = setup(WorldConfig::instant(), &per_key(100, reads, writes));
    let parameters = format!("λ {reads}/s, μ {writes}/s, T {ttl_s} s");
    let older = move |run: &Measurement| {
        let older = run.ages.histogram.count_between((ttl_s * 0.5e9) as u64, u64::MAX);
        older as f64 / run.counts.hits as f64
    };
    let lag = |run: &Measurement| run.counts.version_lag_sum as f64 / run.counts.hits as f64;
    let db_reads =
        |run: &Measurement| run.counts.db_reads as f64 / run.window.length().as_secs_f64() / 100.0;
    Study::new(strategy, setup, parameters)
        .lasting(60.0 * cycle_s, 30_000.0 * cycle_s)
        .exact("hit ratio", FORM, theory.hit_ratio(), hit_ratio)
        .exact("database reads per key", FORM, theory.fills_per_s(), db_reads)
        .exact("stale share of hits", FORM, theory.stale_share_of_hits(), stale_hits)
        .exact("stale share of reads", FORM, theory.stale_share_of_reads(), stale_reads)
        .exact("mean age of stale reads, s", FORM, theory.stale_age_mean_s(), age_mean_s)
        .exact("mean version lag of hits", FORM, theory.lag_mean_of_hits(), lag)
        // The histogram's bins are a thousandth wide, which blurs the border by as much.
        .within(0.004, "hits older than T/2", FORM, theory.age_tail_of_hits(ttl_s / 2.0), older)
}

/// Popular keys: the same writes, spread like the reads or evenly.
fn zipf(same: bool) -> Study {
    let keys = 200;
    let (reads, writes, ttl_s) = (100.0, 10.0, 4.0);
    let mut workload = WorkloadConfig::poisson(reads + writes, keys, reads / (reads + writes));
    workload.read_keys = Popularity::Zipf { exponent: 0.8 };
    workload.write_keys = (!same).then_some(Popularity::Uniform);
    let shares = zipf_shares(keys, 0.8).expect("in range");
    let even = 1.0 / f64::from(keys);
    let rates =
        shares.iter().map(|share| (reads * share, writes * if same { *share } else { even }));
    let theory = ttl_only_keys(rates.collect::<Vec<_>>(), ttl_s).expect("in range");
    let spread = if same { "like the reads" } else { "evenly" };
    let parameters = format!("{reads} reads/s, Zipf 0.8, {writes} writes/s {spread}, T {ttl_s} s");
    let strategy = TtlOnly { ttl: Span((ttl_s * 1e9) as u64), reply_before_fill: false };
    Study::new(strategy, setup(WorldConfig::instant(), &workload), parameters)
        .lasting(400.0, 250_000.0)
        .exact("hit ratio", "ttl::ttl_only_keys", theory.hit_ratio, hit_ratio)
        .exact(
            "stale share of reads",
            "ttl::ttl_only_keys",
            theory.stale_share_of_reads,
            stale_reads,
        )
}
