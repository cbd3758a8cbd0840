//! Titles of charts over made-up runs: whatever the figures of the replications are, a title claims
//! of them only what their intervals show.

use proptest::prelude::*;
use serde_json::{Value, json};
use stalelab::chart::{Kind, Run, draw};
use stalelab::metrics::{difference, estimate_ratio};
use stalelab::picture::Style;

use crate::charts::title_of;

const READS: u64 = 100_000;

/// What the replications of a variant measured: stale reads, and the p99 of read latency.
type Figures = Vec<(u32, f64)>;

/// The share of stale reads, by replication.
fn shares(figures: &Figures) -> Vec<Option<f64>> {
    figures.iter().map(|(stale, _)| Some(f64::from(*stale) / READS as f64)).collect()
}

fn latencies(figures: &Figures) -> Vec<Option<f64>> {
    figures.iter().map(|(_, ms)| Some(*ms)).collect()
}

/// A run whose variants are v0, v1, ...
fn run(variants: &[Figures]) -> Run {
    run_with(variants, &[])
}

/// The same, with these tables.
fn run_with(variants: &[Figures], tables: &[(&str, &str)]) -> Run {
    let entry = |values: &[Option<f64>], trials: u64| -> Value {
        let found = estimate_ratio(values, trials).expect("there are values");
        let (low, high) = found.interval();
        let has = found.ci95.is_some() || found.zero_bound.is_some();
        let end = |end: f64| if has { json!(end) } else { Value::Null };
        json!({
            "mean": found.mean,
            "replications": found.replications,
            "ci95_low": end(low),
            "ci95_high": end(high),
        })
    };
    let named = variants.iter().enumerate().map(|(index, figures)| {
        let all = READS * figures.len() as u64;
        let reads: Vec<Option<f64>> = vec![Some(READS as f64); figures.len()];
        json!({
            "name": format!("v{index}"),
            "strategy": "lease",
            "metrics": {
                "reads": entry(&reads, all),
                "stale_read_ratio": entry(&shares(figures), all),
                "read_latency_p99_ms": entry(&latencies(figures), 0),
            },
        })
    });
    let named: Vec<Value> = named.collect();
    let scenario = json!({
        "name": "made-up",
        "seed": 1,
        "replications": variants[0].len(),
        "warmup_s": 0.0,
        "duration_s": 1.0,
    });
    let summary =
        json!({ "scenario": scenario, "stalelab": "0", "replay": "no", "variants": named });
    let mut rows = "variant,stale_read_ratio,read_latency_p99_ms\n".to_owned();
    for (index, figures) in variants.iter().enumerate() {
        for (share, ms) in shares(figures).iter().zip(latencies(figures)) {
            let (share, ms) = (share.unwrap_or_default(), ms.unwrap_or_default());
            rows.push_str(&format!("v{index},{share},{ms}\n"));
        }
    }
    let file = |name: &str| match name {
        "summary.json" => Some(summary.to_string().into_bytes()),
        "manifest.json" => Some(b"{\"resolved\": {}}".to_vec()),
        "replications.csv" => Some(rows.clone().into_bytes()),
        name => {
            let given = tables.iter().find(|(of, _)| *of == name);
            Some(given.map_or("variant\n", |(_, text)| text).into())
        }
    };
    Run::read(file).expect("files of a run")
}

fn title(run: &Run, kind: Kind) -> String {
    let svg = draw(kind, run, Style::default()).expect("there are figures").svg;
    title_of(&svg).to_owned()
}

/// The variants that a title names, in its order.
fn named(title: &str) -> Vec<usize> {
    let words = title.split(|c: char| !c.is_alphanumeric());
    words.filter_map(|word| word.strip_prefix('v')?.parse().ok()).collect()
}

/// The number after "at least", and whether it is a ratio and not a percentage.
fn at_least(title: &str) -> Option<(f64, bool)> {
    let rest = title.split_once("at least ")?.1;
    let end = rest.find(['×', '%'])?;
    let number: String = rest[..end].chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    Some((number.parse().ok()?, rest[end..].starts_with('×')))
}

/// Whether so many times the one is shown to be less than the other.
fn is_shown(less: &[Option<f64>], times: f64, more: &[Option<f64>]) -> bool {
    let scaled: Vec<Option<f64>> = less.iter().map(|it| it.map(|it| it * times)).collect();
    let interval = difference(&scaled, more).and_then(|it| it.ci95);
    interval.is_some_and(|(_, high)| high < 0.0)
}

fn figures() -> impl Strategy<Value = Vec<Figures>> {
    let stale = prop_oneof![Just(0_u32), 0..4_u32, 90..110_u32, 2_000..9_000_u32];
    (2..5_usize, 1..6_usize).prop_flat_map(move |(variants, replications)| {
        let figures = prop::collection::vec((stale.clone(), 1.0..9.0_f64), replications);
        prop::collection::vec(figures, variants)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_title_claims_of_stale_reads_what_the_intervals_show(figures in figures()) {
        let title = title(&run(&figures), Kind::StaleReads);
        let names = named(&title);
        if title.contains("fewer stale reads than") {
            // All that may be as good as the best are named.
            let (worst, alike) = names.split_last().expect("somebody is compared");
            let worst = shares(&figures[*worst]);
            let times = at_least(&title).map_or(1.0, |(number, is_ratio)| {
                0.999 * if is_ratio { number } else { 1.0 / (1.0 - number / 100.0) }
            });
            prop_assert!(!alike.is_empty());
            for best in alike.iter().map(|it| shares(&figures[*it])) {
                prop_assert!(is_shown(&best, 1.0, &worst), "{title}: {figures:?}");
                prop_assert!(is_shown(&best, times, &worst), "{title}: {figures:?}");
            }
        } else if title.contains("none seen in") {
            for best in names[1..].iter().map(|it| &figures[*it]) {
                prop_assert!(best.iter().all(|(stale, _)| *stale == 0), "{title}");
                prop_assert!(is_shown(&shares(best), 1.0, &shares(&figures[names[0]])));
            }
        } else if title.starts_with("No stale read seen") {
            prop_assert!(figures.iter().flatten().all(|(stale, _)| *stale == 0), "{title}");
        } else {
            prop_assert_eq!(title, "Stale reads by strategy");
        }
    }

    #[test]
    fn a_title_claims_of_costs_what_the_intervals_show(figures in figures()) {
        let title = title(&run(&figures), Kind::CostLatency);
        let names = named(&title);
        if title.contains("fewest stale reads and the lowest p99") {
            let best = &figures[names[0]];
            for (index, other) in figures.iter().enumerate().filter(|(it, _)| *it != names[0]) {
                prop_assert!(is_shown(&shares(best), 1.0, &shares(other)), "{title} {index}");
                prop_assert!(is_shown(&latencies(best), 1.0, &latencies(other)), "{title} {index}");
            }
        } else if title != "What consistency costs" {
            let (fresh, cheap) = (&figures[names[0]], &figures[names[1]]);
            let times = at_least(&title).map_or(1.0, |(times, _)| times * 0.999);
            prop_assert!(is_shown(&shares(fresh), times, &shares(cheap)), "{title}: {figures:?}");
            let none = fresh.iter().all(|(stale, _)| *stale == 0);
            prop_assert_eq!(title.contains("no stale read seen"), none, "{}", title);
            let dearer = is_shown(&latencies(cheap), 1.0, &latencies(fresh));
            prop_assert_eq!(title.contains("more p99"), dearer, "{}: {:?}", title, figures);
        }
    }
}

#[test]
fn a_ratio_that_rests_on_one_stale_read_is_not_claimed() {
    let figures = vec![vec![(1, 3.0), (0, 3.1)], vec![(11_000, 2.0), (11_400, 2.1)]];
    let title = title(&run(&figures), Kind::StaleReads);
    // The mean says 22 400 times, and its interval reaches from almost nothing to as much.
    assert_eq!(at_least(&title), None, "{title}");
    assert!(title.contains("fewer stale reads than"), "{title}");
}

/// Two variants that have figures.
fn two() -> Vec<Figures> {
    vec![vec![(10, 1.0), (11, 1.1)], vec![(10, 1.0), (12, 1.1)]]
}

#[test]
fn freshness_is_claimed_of_as_long_as_reads_were_seen() {
    let title = |from: &[f64]| {
        let mut rows = "variant,since_commit_from_ms,since_commit_to_ms,reads,fresh_read_ratio,\
                        ci95_low,ci95_high\n"
            .to_owned();
        for from in from {
            rows.push_str(&format!("v0,{from},{},900,0.5,0.4,0.6\n", from * 1.25));
        }
        // Fresh, and seen longer after a write than the other.
        for from in [8.0, 10.0, 100.0] {
            rows.push_str(&format!("v1,{from},{},900,1,0.9967,1\n", from * 1.25));
        }
        title(&run_with(&two(), &[("freshness.csv", &rows)]), Kind::Freshness)
    };
    let less = "v0: less than 99.9 % of reads are fresh";
    // A bucket with too few reads is no gap.
    assert_eq!(
        title(&[8.0, 10.0, 12.5, 17.5]),
        format!("{less} for at least 17.5 ms after a write")
    );
    assert_eq!(title(&[8.0, 10.0, 20.0, 25.0]), "How fresh reads are after a write", "a gap");
    let to_the_end = format!("{less} for at least 100 ms after a write");
    assert_eq!(title(&[64.0, 80.0, 100.0]), to_the_end);
}

#[test]
fn keys_are_said_to_be_stale_for_as_long_as_no_interval_is_without() {
    let timeline = "variant,start_s,reads_per_s,hit_ratio,stale_read_ratio,read_latency_p99_ms,\
                    db_reads_per_s,db_writes_per_s,db_queue,hit_ratio_ci95_low,hit_ratio_ci95_high,\
                    stale_read_ratio_ci95_low,stale_read_ratio_ci95_high,\
                    db_operations_per_s_ci95_low,db_operations_per_s_ci95_high\n\
                    v0,0,9,,,,0,0,0,,,,,,\nv0,0.1,9,,,,0,0,0,,,,,,\n";
    let title = |cells: &[(&str, u32, u32)]| {
        let mut rows = "variant,key,start_s,commits,reads,stale_reads\n".to_owned();
        for (variant, key, bucket) in cells {
            rows.push_str(&format!("{variant},{key},{},0,5,1\n", f64::from(*bucket) * 0.1));
        }
        let tables = [("stale_keys.csv", rows.as_str()), ("timeline.csv", timeline)];
        title(&run_with(&two(), &tables), Kind::StaleKeys)
    };
    let both = [("v0", 3, 1), ("v0", 3, 2), ("v0", 3, 4), ("v1", 3, 6), ("v1", 3, 7)];
    let every = "key 3 was read stale in every interval for 200 ms, in one run";
    assert_eq!(title(&both), format!("v0 and v1: {every}"));
    assert_eq!(title(&both[..4]), format!("v0: {every}"));
    // A key without a row on the page is not the title's.
    let far = [("v0", 39, 1), ("v0", 39, 2), ("v1", 0, 1)];
    assert!(title(&far).starts_with("No key shown was read stale in two intervals on end"));
}
