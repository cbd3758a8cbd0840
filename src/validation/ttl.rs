//! TTL-only and TTL-polling with instant fetches, and the fills they and deletes ask for.

use super::probes::Polling;
use super::study::Study;
use super::watch::Lags;
use super::worlds::{per_key, setup, span};
use crate::metrics::Measurement;
use crate::strategies::{DeleteOnWrite, TtlOnly};
use crate::theory::eviction::zipf_shares;
use crate::theory::metastability::{invalidation_fills_per_s, ttl_fills_per_s};
use crate::theory::ttl::{TtlOnly as Theory, TtlPolling, ttl_only_keys};
use crate::time::Span;
use crate::workload::{Popularity, WorkloadConfig};
use crate::world::WorldConfig;

/// How many keys alike.
const KEYS: u32 = 25;

pub(super) fn hit_ratio(run: &Measurement) -> f64 {
    run.counts.hits as f64 / run.counts.reads as f64
}

pub(super) fn stale_hits(run: &Measurement) -> f64 {
    run.counts.stale as f64 / run.counts.hits as f64
}

pub(super) fn stale_reads(run: &Measurement) -> f64 {
    run.counts.stale as f64 / run.counts.reads as f64
}

fn db_reads_per_s(run: &Measurement) -> f64 {
    run.counts.db_reads as f64 / run.window.length().as_secs_f64()
}

fn age_mean_s(run: &Measurement) -> f64 {
    run.ages.sum_ns as f64 / 1e9 / run.counts.stale as f64
}

pub(super) fn studies() -> Vec<Study> {
    let mut studies: Vec<Study> = [
        (1.0, 0.2, 2.0, 110.0),
        (5.0, 1.0, 2.0, 24.0),
        (2.0, 0.5, 5.0, 24.0),
        (0.5, 0.5, 10.0, 24.0),
    ]
    .map(one)
    .into();
    let popular = [(0.8, 4.0), (1.0, 1.0), (0.6, 10.0)];
    studies
        .extend(popular.into_iter().flat_map(|point| [true, false].map(|same| zipf(point, same))));
    studies.extend([(0.2, 2.0, 48_000.0), (1.0, 2.0, 9_600.0), (0.5, 5.0, 9_600.0)].map(polled));
    studies.extend([(0.6, 20.0), (1.0, 20.0), (0.8, 5.0), (1.0, 60.0)].map(invalidation_demand));
    studies
}

/// Version lags, one by one: λ, μ, T, and how many thousand cycles of each key it takes.
pub(super) fn lags() -> Vec<Study<Lags>> {
    [(1.0, 1.0, 2.0, 48.0), (2.0, 1.5, 2.0, 24.0), (2.0, 0.5, 5.0, 24.0)].map(counted_lags).into()
}

fn counted_lags((reads, writes, ttl_s, thousands): (f64, f64, f64, f64)) -> Study<Lags> {
    let form = "ttl::TtlOnly::lag_tail_of_hits";
    let theory = Theory::new(reads, writes, ttl_s).expect("in range");
    let cycle_s = ttl_s + 1.0 / reads;
    let strategy = TtlOnly { ttl: span(ttl_s), reply_before_fill: false };
    let setup = setup(WorldConfig::instant(), &per_key(KEYS, reads, writes));
    let parameters = format!("λ {reads}/s, μ {writes}/s, T {ttl_s} s, lags counted");
    Study::watched(strategy, setup, parameters, Lags::new)
        .lasting(60.0 * cycle_s, thousands * 1_000.0 * cycle_s)
        .exact("hits that miss a version", form, theory.lag_tail_of_hits(1), |it| it.share(1))
        .exact("hits that miss two and more", form, theory.lag_tail_of_hits(2), |it| it.share(2))
        .exact("hits that miss three and more", form, theory.lag_tail_of_hits(3), |it| it.share(3))
}

/// Keys alike: λ, μ, T, and how many thousand cycles of each it takes. Keys are filled in step with
/// the start of the run, and come out of step within some (1 + λT)²/10 cycles: the warm-up is
/// longer than that.
fn one((reads, writes, ttl_s, thousands): (f64, f64, f64, f64)) -> Study {
    let theory = Theory::new(reads, writes, ttl_s).expect("in range");
    let cycle_s = ttl_s + 1.0 / reads;
    let strategy = TtlOnly { ttl: span(ttl_s), reply_before_fill: false };
    let setup = setup(WorldConfig::instant(), &per_key(KEYS, reads, writes));
    let parameters = format!("λ {reads}/s, μ {writes}/s, T {ttl_s} s");
    let older = move |run: &Measurement| {
        let older = run.ages.histogram.count_between(span(ttl_s / 2.0).0, u64::MAX);
        older as f64 / run.counts.hits as f64
    };
    let age_of_hits = |run: &Measurement| run.ages.sum_ns as f64 / 1e9 / run.counts.hits as f64;
    let lag = |run: &Measurement| run.counts.version_lag_sum as f64 / run.counts.hits as f64;
    let stale_lag = |run: &Measurement| run.counts.version_lag_sum as f64 / run.counts.stale as f64;
    let fills = |run: &Measurement| db_reads_per_s(run) / f64::from(KEYS);
    Study::new(strategy, setup, parameters)
        .lasting(60.0 * cycle_s, thousands * 1_000.0 * cycle_s)
        .exact("hit ratio", "ttl::TtlOnly::hit_ratio", theory.hit_ratio(), hit_ratio)
        .exact("database reads per key", "ttl::TtlOnly::fills_per_s", theory.fills_per_s(), fills)
        .exact(
            "stale share of hits",
            "ttl::TtlOnly::stale_share_of_hits",
            theory.stale_share_of_hits(),
            stale_hits,
        )
        .exact(
            "stale share of reads",
            "ttl::TtlOnly::stale_share_of_reads",
            theory.stale_share_of_reads(),
            stale_reads,
        )
        .exact(
            "mean age of hits, s",
            "ttl::TtlOnly::age_mean_of_hits_s",
            theory.age_mean_of_hits_s(),
            age_of_hits,
        )
        .exact(
            "mean age of stale reads, s",
            "ttl::TtlOnly::stale_age_mean_s",
            theory.stale_age_mean_s(),
            age_mean_s,
        )
        .exact(
            "mean version lag of hits",
            "ttl::TtlOnly::lag_mean_of_hits",
            theory.lag_mean_of_hits(),
            lag,
        )
        .exact(
            "mean version lag of stale reads",
            "ttl::TtlOnly::stale_lag_mean",
            theory.stale_lag_mean(),
            stale_lag,
        )
        // The histogram's bins are a thousandth wide, which blurs the border by as much.
        .within(
            0.004,
            "hits older than T/2",
            "ttl::TtlOnly::age_tail_of_hits",
            theory.age_tail_of_hits(ttl_s / 2.0),
            older,
        )
}

/// Popular keys: the same writes, spread like the reads or evenly.
fn zipf((exponent, ttl_s): (f64, f64), same: bool) -> Study {
    let keys = 200;
    let (reads, writes) = (100.0, 10.0);
    let mut workload = WorkloadConfig::poisson(reads + writes, keys, reads / (reads + writes));
    workload.read_keys = Popularity::Zipf { exponent };
    workload.write_keys = (!same).then_some(Popularity::Uniform);
    let shares = zipf_shares(keys, exponent).expect("in range");
    let even = 1.0 / f64::from(keys);
    let rates =
        shares.iter().map(|share| (reads * share, writes * if same { *share } else { even }));
    let rates: Vec<_> = rates.collect();
    let theory = ttl_only_keys(rates.iter().copied(), ttl_s).expect("in range");
    let fills = ttl_fills_per_s(rates.iter().map(|(reads, _)| *reads), ttl_s).expect("in range");
    let spread = if same { "like the reads" } else { "evenly" };
    let parameters =
        format!("{reads} reads/s, Zipf {exponent}, {writes} writes/s {spread}, T {ttl_s} s");
    let strategy = TtlOnly { ttl: span(ttl_s), reply_before_fill: false };
    Study::new(strategy, setup(WorldConfig::instant(), &workload), parameters)
        .lasting(100.0, if same { 210_000.0 } else { 650_000.0 })
        .exact("hit ratio", "ttl::ttl_only_keys", theory.hit_ratio, hit_ratio)
        .exact(
            "stale share of reads",
            "ttl::ttl_only_keys",
            theory.stale_share_of_reads,
            stale_reads,
        )
        .exact("database reads, 1/s", "metastability::ttl_fills_per_s", fills, db_reads_per_s)
}

/// Keys alike, refreshed every so often: μ, the interval, and for how many of them, which is a
/// multiple of what the depths cut a run into. Reads are there to look.
fn polled((writes, every_s, intervals): (f64, f64, f64)) -> Study {
    let theory = TtlPolling::new(writes, every_s).expect("in range");
    let reads = 5.0 / every_s;
    let lag = |run: &Measurement| run.counts.version_lag_sum as f64 / run.counts.reads as f64;
    let fills = move |run: &Measurement| db_reads_per_s(run) / f64::from(KEYS);
    let strategy = Polling { every: span(every_s) };
    let parameters = format!("λ {reads}/s, μ {writes}/s, polled every {every_s} s");
    Study::new(strategy, setup(WorldConfig::instant(), &per_key(KEYS, reads, writes)), parameters)
        .lasting(10.0 * every_s, intervals * every_s)
        // As many times as the interval fits into a run, but for rounding.
        .within(
            1e-9,
            "database reads per key",
            "ttl::TtlPolling::fills_per_s",
            theory.fills_per_s(),
            fills,
        )
        .exact(
            "stale share of reads",
            "ttl::TtlPolling::stale_share_of_reads",
            theory.stale_share_of_reads(),
            stale_reads,
        )
        .exact(
            "mean age of stale reads, s",
            "ttl::TtlPolling::stale_age_mean_s",
            theory.stale_age_mean_s(),
            age_mean_s,
        )
        .exact(
            "mean version lag of reads",
            "ttl::TtlPolling::lag_mean_of_reads",
            theory.lag_mean_of_reads(),
            lag,
        )
}

/// What deletes ask of the database, over keys of this popularity, and so many writes per second.
fn invalidation_demand((exponent, writes): (f64, f64)) -> Study {
    let (keys, reads) = (200, 100.0);
    let mut workload = WorkloadConfig::poisson(reads + writes, keys, reads / (reads + writes));
    workload.read_keys = Popularity::Zipf { exponent };
    workload.write_keys = Some(Popularity::Uniform);
    let shares = zipf_shares(keys, exponent).expect("in range");
    let rates = shares.iter().map(|share| (reads * share, writes / f64::from(keys)));
    let formula = invalidation_fills_per_s(rates).expect("in range");
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let parameters = format!("{reads} reads/s, Zipf {exponent}, {writes} writes/s evenly");
    Study::new(strategy, setup(WorldConfig::instant(), &workload), parameters)
        .lasting(100.0, 30_000.0)
        .exact(
            "database reads, 1/s",
            "metastability::invalidation_fills_per_s",
            formula,
            db_reads_per_s,
        )
}
