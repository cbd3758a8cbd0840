//! The reports of hand-made comparisons: golden texts, exact headers, nothing too wide.

use stalelab::metrics::{METRICS, index};
use stalelab::report::{TextOptions, WIDTH, digest, json, output_files, text};

use crate::fixture::{estimate, header, no_cache, none_in, overloaded, ttl_only, twelve, two};
use crate::golden::assert_golden;
use stalelab::metrics::Comparison;

pub(crate) fn plain(comparison: &Comparison, verbose: bool) -> String {
    let replay = "stalelab run scenarios/in-stock.toml --seed 7";
    let why = "stalelab explain-race scenarios/in-stock.toml --seed 7";
    let styled = text(&header(), comparison, TextOptions { replay, why, verbose });
    anstream::adapter::strip_str(&styled).to_string()
}

pub(crate) fn file(comparison: &Comparison, name: &str) -> String {
    let files = output_files(&header(), comparison);
    let file = files.into_iter().find(|file| file.name == name).expect("one of the files");
    String::from_utf8(file.bytes).expect("text")
}

fn assert_fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
        assert_eq!(line, line.trim_end(), "spaces at the end");
    }
}

#[test]
fn two_variants_as_text() {
    let text = plain(&two(), false);
    assert_fits(&text);
    assert_golden("two.txt", &text);
}

#[test]
fn twelve_variants_with_long_names_fit_the_terminal() {
    let text = plain(&twelve(), false);
    assert_fits(&text);
    assert_golden("twelve.txt", &text);
}

#[test]
fn the_verbose_text_has_every_metric_and_fits() {
    let text = plain(&two(), true);
    assert_fits(&text);
    for metric in METRICS.iter().filter(|m| ttl_only().estimate(m.name).is_some()) {
        assert!(text.contains(metric.name), "{}", metric.name);
    }
}

#[test]
fn an_unstable_variant_shows_its_queue_and_no_figures() {
    let comparison =
        Comparison { variants: vec![no_cache(), overloaded()], verdicts: Vec::new(), until: None };
    let text = plain(&comparison, false);
    assert!(text.contains("the database's queue grew by 812/s to 97,440"), "{text}");
    assert!(!text.contains("48000"), "{text}");
    assert!(!text.contains('▼'), "one steady variant has nothing to be better than: {text}");
}

#[test]
fn columns_without_a_value_are_left_out() {
    let mut variant = ttl_only();
    for metric in ["failed_act_ratio", "visible_glitches", "db_utilization"] {
        variant.estimates[index(metric).expect("a metric")] = None;
    }
    let text =
        plain(&Comparison { variants: vec![variant], verdicts: Vec::new(), until: None }, false);
    assert!(!text.contains("acts %") && !text.contains("busy %"), "{text}");
    assert!(text.contains("reads/s"), "{text}");
}

#[test]
fn without_journeys_the_table_shows_visible_glitches() {
    let mut variant = ttl_only();
    variant.estimates[index("failed_act_ratio").expect("a metric")] = None;
    let ratio = index("read_your_writes_violation_ratio").expect("a metric");
    variant.estimates[ratio] = Some(estimate(0.003_42, 0.0001));
    let comparison =
        Comparison { variants: vec![variant.clone()], verdicts: Vec::new(), until: None };
    let text = plain(&comparison, false);
    assert!(text.contains("glitches") && text.contains("812"), "{text}");
    assert!(text.contains("1 read in 290 shows a person a row older"), "{text}");
    variant.clients_are_services = true;
    let text =
        plain(&Comparison { variants: vec![variant], verdicts: Vec::new(), until: None }, false);
    assert!(!text.contains("a person"), "{text}");
}

#[test]
fn zero_events_are_never_printed_as_zero() {
    let mut variant = no_cache();
    variant.estimates[index("stale_read_ratio").expect("a metric")] = Some(none_in(1e6));
    let text =
        plain(&Comparison { variants: vec![variant], verdicts: Vec::new(), until: None }, false);
    assert!(text.contains("<0.0003"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = "at most 0.0003 % of reads are stale (95 %, unless they come in bursts)";
    assert!(words.contains(says), "{text}");
}

#[test]
fn lasting_damage_is_told() {
    let mut variant = ttl_only();
    for (metric, value) in
        [("permanently_stale_keys", 3.0), ("lost_writes", 1.0), ("failed_request_ratio", 0.02)]
    {
        variant.estimates[index(metric).expect("a metric")] = Some(estimate(value, 0.0));
    }
    let text =
        plain(&Comparison { variants: vec![variant], verdicts: Vec::new(), until: None }, false);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("; 3 keys stay wrong until somebody writes them again;"), "{text}");
    assert!(text.contains("; 1 acknowledged write is lost; 1 request in 50 fails."), "{text}");
}

#[test]
fn csv_headers_are_the_contract() {
    let first_line = |name| file(&two(), name).lines().next().unwrap_or_default().to_owned();
    let metrics = METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>().join(",");
    let expected = [
        ("summary.csv", "variant,strategy,metric,unit,replications,mean,ci95_low,ci95_high".into()),
        ("replications.csv", format!("variant,strategy,replication,digest,{metrics}")),
        ("latency.csv", "variant,op,percentile,latency_us".into()),
        ("staleness.csv", "variant,age_ms,share_of_stale_reads_older".into()),
        (
            "freshness.csv",
            "variant,since_commit_from_ms,since_commit_to_ms,reads,fresh_read_ratio,ci95_low,\
             ci95_high"
                .to_owned(),
        ),
        ("stale_keys.csv", "variant,key,start_s,commits,reads,stale_reads,stale_age_max_ms".into()),
        (
            "timeline.csv",
            "variant,start_s,reads_per_s,writes_per_s,failures_per_s,hit_ratio,stale_read_ratio,\
             stale_read_ratio_at_most,read_latency_mean_ms,read_latency_p99_ms,db_reads_per_s,\
             db_writes_per_s,db_queue,hit_ratio_ci95_low,hit_ratio_ci95_high,\
             stale_read_ratio_ci95_low,stale_read_ratio_ci95_high,db_operations_per_s_ci95_low,\
             db_operations_per_s_ci95_high,rate_of_0_at_most"
                .to_owned(),
        ),
    ];
    for (name, header) in expected {
        assert_eq!(first_line(name), header, "{name}");
    }
}

#[test]
fn csv_cells_are_shortest_and_empty_where_nothing_was_measured() {
    let mut comparison = two();
    comparison.variants[1].name = "ttl, \"60 s\"".into();
    let summary = file(&comparison, "summary.csv");
    assert_eq!(summary.lines().count(), 1 + 2 * METRICS.len());
    for line in [
        "no cache,no-cache,writes,count,0,,,",
        "no cache,no-cache,stale_read_ratio,ratio,8,0,0,0.0000015797788309636651",
        "\"ttl, \"\"60 s\"\"\",ttl-only,hit_ratio,ratio,8,0.931,0.929,0.933",
    ] {
        assert!(summary.lines().any(|candidate| candidate == line), "{line}\n{summary}");
    }
    let row = file(&comparison, "replications.csv").lines().nth(1).unwrap_or_default().to_owned();
    assert!(row.starts_with("no cache,no-cache,0,0000000000000abc,237375,,,0,0,"), "{row}");
    let point = file(&comparison, "freshness.csv").lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(point, "no cache,1,1.25,1000,0.5,0.25,0.75");
    let point = file(&comparison, "stale_keys.csv").lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(point, "no cache,3,10,1,5,2,40.5");
    let point = file(&comparison, "timeline.csv").lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(point, "no cache,10,950.5,0,0,,,,,,0,0,0,,,,,,,0");
}

#[test]
fn the_json_document_has_every_metric_in_order() {
    let text = json(&header(), &two());
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema_version"], 1);
    let variant = &value["variants"][1];
    assert_eq!(variant["metrics"]["hit_ratio"]["ci95_high"], 0.933);
    assert!(variant["metrics"]["writes"].is_null());
    assert_eq!(variant["differences_to_first"]["stale_read_ratio"]["mean"], 0.124);
    assert_eq!(value["verdicts"][2]["outcome"], "failed");
    assert!(value["verdicts"][3]["measured"].is_null());
    let places: Vec<_> =
        METRICS.iter().map(|metric| text.find(&format!("\"{}\":", metric.name))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
}

#[test]
fn the_manifest_describes_the_other_files() {
    let files = output_files(&header(), &two());
    let (manifest, others) = files.split_last().expect("files");
    assert_eq!(manifest.name, "manifest.json");
    let value: serde_json::Value = serde_json::from_slice(&manifest.bytes).expect("JSON");
    let all = others.iter().map(|file| (file.name, file.bytes.as_slice()));
    assert_eq!(value["digest"], digest(all));
    assert_eq!(value["files"].as_array().map(Vec::len), Some(others.len()));
    assert_eq!(value["overrides"][0], "workload.read_share=0.5");
    assert_eq!(value["resolved"]["seed"], 7);
    assert_eq!(output_files(&header(), &two()), files, "the same input gives the same bytes");
}
