//! Unit tests of reading scenarios; rendered messages have golden files of their own.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::metrics::METRICS;
use crate::random::Distribution;

pub(super) const GOOD: &str = r#"
title = "T"
seed = 3
duration = "10s"
warmup = "1s"
replications = 2

[workload]
clients = 5
arrivals = { poisson = { rate = 100.0 } }
read_share = 0.9
keys = 1_000
read_keys = { zipf = 0.99 }
write_keys = { hot = { keys = 10, share = 0.5 } }
journey = { view-then-act = { think = "2s" } }

[cache]
link = { uniform = { min = "1ms", max = "2ms" } }
capacity = 50
eviction = "fifo"
timeout = "50ms"

[database]
read = { lognormal = { median = "2ms", p99 = "12ms" } }
write = { pareto = { min = "1ms", shape = 2.5 } }
replicas = 2
reads_from = "replica"

[servers]
count = 3

[[variant]]
name = "a"
strategy = { no-cache = {} }
set = { "database.read" = "8ms", workload = { read_share = 0.5 } }

[[variant]]
strategy = { delete-on-write = { ttl = "60s" } }

[[fault]]
at = "2s"
for = "3s"
lose = { operation = "cache.delete", probability = 0.5 }

[[fault]]
at = "4s"
server-crash = { servers = 2 }

[[expect]]
variant = "a"
metric = "stale_read_ratio"
max = 0.5
"#;

pub(super) fn input(text: &str) -> Input {
    Input {
        name: "t".into(),
        origin: "t.toml".into(),
        text: text.into(),
        folder: None,
        embedded: &[],
    }
}

/// `code line:column` of everything found.
fn found(text: &str, overrides: &[&str]) -> Vec<String> {
    let input = input(text);
    let overrides: Vec<_> = overrides.iter().map(|o| Override::parse(o).expect(o)).collect();
    let list = match parse(&input, &overrides) {
        Ok(checked) => checked.warnings,
        Err(diagnostics) => diagnostics,
    };
    list.iter()
        .map(|one| {
            let (line, column) = list.line_and_column(one, &input);
            format!("{} {line}:{column}", one.code)
        })
        .collect()
}

fn replaced(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

#[test]
fn a_good_scenario_is_read_whole() {
    let checked = parse(&input(GOOD), &[]).expect("no mistakes");
    assert!(checked.warnings.is_empty(), "{:?}", checked.warnings);
    let scenario = checked.scenario;
    assert_eq!((scenario.seed, scenario.replications), (3, 2));
    let [one, other] = scenario.variants.as_slice() else { panic!("two variants") };
    assert_eq!((one.name.as_str(), other.name.as_str()), ("a", "delete-on-write"));
    let eight = Distribution::Constant(Span::from_millis(8));
    assert_eq!(one.world.database.read, eight);
    assert_eq!((one.workload.read_share, other.workload.read_share), (0.5, 0.9));
    assert_eq!(other.strategy.params.span(0), Span::from_secs(60));
    assert_eq!(scenario.faults[0].until, Time(5_000_000_000));
}

#[test]
fn every_mistake_is_found_where_it_is() {
    let cases: &[(&str, &str, &str)] = &[
        ("seed = 3", "sead = 3", "S002 3:1"),
        ("seed = 3", "seed = \"x\"", "S003 3:8"),
        ("duration = \"10s\"", "duration = 10", "S004 4:12"),
        ("duration = \"10s\"", "duration = \"10 parsecs\"", "S004 4:12"),
        ("duration = \"10s\"", "duration = \"0s\"", "S005 4:12"),
        ("replications = 2", "replications = 0", "S005 6:16"),
        ("clients = 5", "clients = 0", "S005 9:11"),
        ("rate = 100.0", "rate = -1", "S005 10:33"),
        ("rate = 100.0", "rate = nan", "S005 10:33"),
        ("poisson", "poison", "S007 10:14"),
        ("read_share = 0.9", "read_share = 1.1", "S005 11:14"),
        ("keys = 10,", "keys = 2000,", "S005 14:31"),
        ("eviction = \"fifo\"", "eviction = \"lifo\"", "S007 20:12"),
        ("max = \"2ms\"", "max = \"1us\"", "S009 18:41"),
        ("p99 = \"12ms\"", "p99 = \"1ms\"", "S009 24:46"),
        ("replicas = 2", "replicas = 0", "S013 27:14"),
        ("no-cache", "no-cash", "S007 34:14"),
        ("ttl = \"60s\"", "tll = \"60s\"", "S002 38:34"),
        ("\"database.read\" = ", "\"database.raed\" = ", "S002 35:9"),
        ("\"database.read\" = \"8ms\"", "\"seed\" = 4", "S016 35:9"),
        ("at = \"2s\"", "at = \"11s\"", "S012 41:6"),
        ("servers = 2", "servers = 4", "S012 47:28"),
        ("cache.delete", "cache.delet", "S007 43:22"),
        ("variant = \"a\"", "variant = \"b\"", "S011 50:11"),
        ("stale_read_ratio", "stale_reads", "S011 51:10"),
        ("max = 0.5\n", "", "S011 49:1"),
        ("max = 0.5\n", "max = 0.5\nmin = 0.6\n", "S011 53:7"),
        ("name = \"a\"", "name = \"delete-on-write\"", "S010 37:1"),
        ("seed = 3", "seed 3", "S001 3:6"),
        ("shape = 2.5", "shape = 0.5", "S104 25:43"),
        ("capacity = 50", "capacity = 5000", "S105 19:12"),
    ];
    let mut wrong = String::new();
    for (from, to, expected) in cases {
        let found = found(&replaced(from, to), &[]);
        if !found.iter().any(|one| one == expected) {
            let _ = writeln!(wrong, "{to}: expected {expected}, found {found:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn all_mistakes_come_in_one_run_in_the_order_of_the_file() {
    let text = replaced("seed = 3", "sead = 3").replace("clients = 5", "clients = -5");
    let text = text.replace("no-cache", "no-cash").replace("stale_read_ratio", "stale");
    let codes: Vec<String> = found(&text, &[]).iter().map(|one| one[..4].to_owned()).collect();
    assert!(["S002", "S005", "S007", "S011"].iter().all(|code| codes.iter().any(|c| c == code)));
}

#[test]
fn what_is_missing_is_named() {
    assert!(found("", &[]).iter().any(|one| one == "S006 1:1"));
    let text = "duration = \"1s\"\n[workload]\n[[variant]]\nname = \"x\"\n";
    assert_eq!(found(text, &[]), ["S006 2:1", "S006 3:1"]);
}

#[test]
fn of_very_many_mistakes_the_first_are_shown_and_the_rest_counted() {
    let text: String = (0..20_000).map(|n| format!("unknown_{n} = 1\n")).collect();
    let input = input(&text);
    let mistakes = parse(&input, &[]).expect_err("all are unknown");
    let shown = mistakes.render(&input, false);
    assert!(shown.matches("error[").count() < 100, "{}", shown.len());
    let (_, last) = shown.trim_end().rsplit_once('\n').expect("several lines");
    let rest = mistakes.iter().count() - shown.matches("error[").count();
    assert_eq!(last, format!("and {rest} more like these"));
}

#[test]
fn overrides_meet_the_same_checks_and_say_so_at_their_own_text() {
    let input = input(GOOD);
    let set = |text: &str| Override::parse(text).expect("it has a key and a value");
    let checked = parse(&input, &[set("cache.link=5ms"), set("seed = 9")]).expect("both are fine");
    assert_eq!(checked.scenario.seed, 9);
    let five = Distribution::Constant(Span::from_millis(5));
    assert_eq!(checked.scenario.variants[1].world.cache.link, five);
    let wrong = parse(&input, &[set("workload.raed_share=0.5")]).expect_err("a typo");
    let text = wrong.render(&input, false);
    assert!(text.contains("--set workload.raed_share=0.5"), "{text}");
    assert!(text.contains("did you mean `read_share`?"), "{text}");
    let lost = parse(&input, &[set("variant.\"a b\".name=x")]).expect_err("nothing is ignored");
    assert!(lost.iter().any(|one| one.code == "S016"));
    assert!(Override::parse("seed").is_err() && Override::parse("=3").is_err());
}

#[test]
fn a_thousand_million_keys_are_refused_with_the_figure() {
    let input = input(&replaced("keys = 1_000\n", "keys = 1_000_000_000\n"));
    let text = parse(&input, &[]).expect_err("it cannot fit").render(&input, false);
    assert!(text.contains("S014") && text.contains("GiB"), "{text}");
}

#[test]
fn absurd_numbers_are_refused_with_the_limit_and_the_reason() {
    let cases = [
        ("workload.clients", "from 1 to 10000000"),
        ("workload.keys", "about 238 GiB; at most 16 are used"),
        ("workload.keys", "at most 268435456 keys fit"),
        ("database.connections", "from 1 to 1000000"),
        ("database.replicas", "from 0 to 100"),
        ("servers.count", "from 1 to 1000000"),
        ("replications", "from 1 to 1000000"),
    ];
    for (key, limit) in cases {
        let given = Override::parse(&format!("{key}=4_000_000_000")).expect(key);
        let input = input(GOOD);
        let text = parse(&input, &[given]).expect_err(key).render(&input, false);
        assert!(text.contains(limit) && text.contains("help"), "{key}: {text}");
    }
}

#[test]
fn one_mistake_does_not_hide_another() {
    // The duration, where no variant can be read; and no word of what follows from that.
    let text = replaced("duration = \"10s\"\n", "").replace("no-cache", "no-cash");
    let text = text.replace("delete-on-write", "delete-on-right");
    assert_eq!(found(&text, &[]), ["S006 1:1", "S007 33:14", "S007 37:14"]);
    // A name that is there twice, where a strategy is wrong.
    let text =
        replaced("no-cache", "no-cash").replace("]]\nstrategy", "]]\nname = \"a\"\nstrategy");
    assert_eq!(found(&text, &[]), ["S007 34:14", "S010 38:8"]);
    // All that is wrong with one strategy.
    let text = replaced("{ ttl = \"60s\" }", "{ ttl = 60, reply_before_fill = 1, x = 2 }");
    assert_eq!(found(&text, &[]), ["S004 38:40", "S003 38:64", "S002 38:67"]);
    // A workload that no variant uses.
    let text = "duration = \"1s\"\n[workload]\narrivals = {}\n";
    assert_eq!(found(text, &[]), ["S006 1:1", "S008 3:12"]);
}

#[test]
fn nothing_is_concluded_from_a_value_that_is_wrong() {
    for (from, to) in [
        ("keys = 1_000\n", "keys = -1\n"),
        ("count = 3", "count = 0"),
        ("replicas = 2", "replicas = 101"),
        ("duration = \"10s\"", "duration = \"0s\""),
        ("variant = \"a\"", "variant = 3"),
        ("metric = \"stale_read_ratio\"", "metric = 3"),
        ("\"cache.delete\"", "3"),
        ("name = \"a\"", "name = \"\""),
        ("name = \"a\"", "name = \"a\\u0007\""),
    ] {
        let found = found(&replaced(from, to), &[]);
        assert_eq!(found.len(), 1, "{to}: {found:?}");
    }
}

#[test]
fn a_number_beyond_64_bits_is_repeated_as_it_is_written() {
    for digits in ["99999999999999999999", "-99999999999999999999"] {
        let input = input(&replaced("keys = 1_000\n", &format!("keys = {digits}\n")));
        let text = parse(&input, &[]).expect_err("too many").render(&input, false);
        assert!(text.contains(&format!("found {digits}\n")), "{text}");
    }
    let float = replaced("rate = 100.0", "rate = 99999999999999999999");
    assert!(found(&float, &[]).iter().any(|one| one == "S005 10:33"), "above 1e15");
}

#[test]
fn a_hundred_years_are_accepted_and_no_more() {
    let refused = |warmup: &str| {
        found(GOOD, &[&format!("warmup={warmup}")]).iter().any(|one| one.starts_with("S005"))
    };
    assert!(!refused("100years") && refused("101years"));
}

#[test]
fn the_resolved_form_depends_on_values_only() {
    let resolved = |text: &str| parse(&input(text), &[]).expect("fine").scenario.resolved;
    assert_eq!(resolved(GOOD), resolved(&replaced("warmup = \"1s\"", "warmup = \"1000ms\"")));
    assert_ne!(resolved(GOOD), resolved(&replaced("seed = 3", "seed = 4")));
}

#[test]
fn the_committed_schema_is_the_one_that_is_made() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let made = format!("{:#}\n", schema());
    assert!(committed == made, "stalelab schema > scenario.schema.json brings it up to date");
}

#[test]
fn the_schema_knows_every_name() {
    let text = schema().to_string();
    let strategies = crate::strategies::ALL.iter().map(|info| info.name);
    for name in strategies.chain(METRICS.iter().map(|metric| metric.name)) {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let input = input(&text);
        if let Err(found) = parse(&input, &[]) {
            prop_assert!(!found.render(&input, false).is_empty());
        }
    }

    #[test]
    fn no_override_makes_the_parser_panic(
        key in "(workload|variant|database|fault|seed|[a\\.\"' é]{0,3})\\.?(a|set|read)?(\\.[a-z]*){0,2}",
        value in "[0-9a-z{}=\"'#\n. ]{0,8}",
    ) {
        let input = input(GOOD);
        if let Ok(given) = Override::parse(&format!("{key}={value}"))
            && let Err(found) = parse(&input, &[given])
        {
            prop_assert!(!found.render(&input, false).is_empty());
        }
    }

    #[test]
    fn no_mangled_scenario_makes_the_parser_panic(
        cuts in prop::collection::vec((0..GOOD.len(), 0..30usize, 0..12usize), 1..6),
    ) {
        const SCRAPS: [&str; 12] = [
            "", "=", "{", "}", "[[variant]]\n", "\"", "-1", "1e999", "99999999999999999999",
            "\"5 ms\"", "nan", "é",
        ];
        let mut text = GOOD.to_owned();
        for (at, length, scrap) in cuts {
            let start = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let end = (start.unwrap_or(0) + length).min(text.len());
            let end = (end..=text.len()).find(|at| text.is_char_boundary(*at));
            text.replace_range(start.unwrap_or(0)..end.unwrap_or(0), SCRAPS[scrap]);
        }
        let input = input(&text);
        if let Err(found) = parse(&input, &[]) {
            prop_assert!(!found.render(&input, false).is_empty());
        }
    }
}
