//! Charts: nothing overlaps, nothing leaves the canvas, whatever the run; and they look as before.

use std::collections::BTreeMap;

use stalelab::chart::{Explored, Kind, Run, Search, Violation, draw};
use stalelab::experiment::{self, Options};
use stalelab::picture::{Size, Style, Theme, drawable, outline, png};
use stalelab::report::{Header, output_files};
use stalelab::scenario::{Input, parse};

use crate::golden::assert_golden;

/// A small load that every scenario here shares.
const LOAD: &str = r#"
    duration = "20s"
    warmup = "2s"
    replications = 4

    [workload]
    clients = 20
    arrivals = { poisson = { rate = 300.0 } }
    read_share = 0.9
    keys = 30

    [cache]
    link = { exponential = "500us" }

    [database]
    connections = 8
    read = { exponential = "8ms" }
    write = { exponential = "4ms" }
"#;

fn variants(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(name, strategy)| {
        format!("\n[[variant]]\nname = \"{name}\"\nstrategy = {strategy}\n")
    });
    LOAD.to_owned() + &rows.collect::<String>()
}

/// The runs that charts have to stand: name, and scenario.
fn scenarios() -> Vec<(&'static str, String)> {
    let two = variants(&[
        ("ttl 5 s", "{ ttl-only = { ttl = \"5s\" } }"),
        ("versioned", "{ versioned = {} }"),
    ]);
    let strategies = [
        "{ no-cache = {} }",
        "{ ttl-only = { ttl = \"1s\" } }",
        "{ ttl-only = { ttl = \"5s\" } }",
        "{ ttl-only = { ttl = \"20s\" } }",
        "{ delete-on-write = {} }",
        "{ delete-on-write = { ttl = \"2s\" } }",
        "{ delete-before-write = {} }",
        "{ double-delete = { delay = \"50ms\" } }",
        "{ update-on-write = {} }",
        "{ write-through = {} }",
        "{ versioned = {} }",
        "{ lease = {} }",
    ];
    let names: Vec<String> =
        (0..12).map(|index| format!("variant {index:02} of twelve, 30 wide")).collect();
    let dozen: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(strategies).collect();
    let fresh = variants(&[("no cache", "{ no-cache = {} }"), ("lease", "{ lease = {} }")])
        .replace("read_share = 0.9", "read_share = 1.0");
    let apart = variants(&[
        ("ttl 1 h", "{ ttl-only = { ttl = \"1h\" } }"),
        ("lease", "{ lease = {} }"),
        ("no cache", "{ no-cache = {} }"),
    ]);
    let failed = variants(&[
        ("as usual", "{ delete-on-write = {} }"),
        ("always too late", "{ no-cache = {} }"),
    ]) + "set = { \"database.timeout\" = \"1us\" }\n";
    let broken = variants(&[
        ("delete on write", "{ delete-on-write = {} }"),
        ("lease", "{ lease = {} }"),
    ]) + "\n[[fault]]\nat = \"10s\"\ncache-restart = {}\n\n[[fault]]\nat = \"4s\"\nfor = \"3s\"\nlose = { operation = \"cache.delete\", probability = 0.5 }\n";
    let all_failed = variants(&[
        ("always too late", "{ no-cache = {} }"),
        ("too late as well", "{ delete-on-write = {} }"),
    ])
    .replace("[cache]", "[cache]\n timeout = \"1us\"")
    .replace("connections = 8", "connections = 8\n timeout = \"1us\"");
    let overloaded = variants(&[
        ("delete on write", "{ delete-on-write = {} }"),
        ("日本語 ⚡ émoji 🎉 Ω עברית", "{ ttl-only = { ttl = \"2s\" } }"),
        ("the same again, <b>&amp;", "{ ttl-only = { ttl = \"2s\" } }"),
        ("cannot keep up", "{ no-cache = {} }"),
    ]) + "set = { \"database.read\" = { exponential = \"80ms\" } }\n";
    let one = variants(&[("alone", "{ ttl-only = { ttl = \"5s\" } }")])
        .replace("replications = 4", "replications = 1");
    vec![
        ("two", two),
        ("a dozen", variants(&dozen)),
        ("nothing stale", fresh),
        ("far apart", apart),
        ("one that fails", failed),
        ("faults", broken),
        ("all that fail", all_failed),
        ("one that cannot keep up", overloaded),
        ("one run of one", one),
    ]
}

/// Runs a scenario, and reads its files back as charts do.
fn run(name: &str, text: &str) -> Run {
    let (files, variants) = files_of(name, text);
    let run = Run::read(|file| files.get(file).cloned());
    run.unwrap_or_else(|error| panic!("{name}: {error}")).with_explored(explored(variants))
}

/// The files of a scenario's run by name, and how many variants it has.
fn files_of(name: &str, text: &str) -> (BTreeMap<&'static str, Vec<u8>>, usize) {
    let input = Input::from_text("charts", text);
    let Ok(checked) = parse(&input, &[]) else { panic!("{name} is invalid") };
    let scenario = &checked.scenario;
    let comparison = experiment::run(scenario, &Options::default(), &()).expect("nothing stops it");
    let header = Header::new(scenario, REPLAY.to_owned());
    let files = output_files(&header, &comparison);
    (files.into_iter().map(|it| (it.name, it.bytes)).collect(), comparison.variants.len())
}

/// A command that takes lines of a footer.
const REPLAY: &str = "stalelab run 'a folder/with a long name/and one more below it/charts.toml' \
                      --seed 18446744073709551615 --replications 4 --set workload.read_share=0.9 \
                      --set 'cache.link={exponential=\"500us\"}' --set duration=20s --set \
                      database.connections=8";

/// A search for each of so many variants: some found nothing, some were cut short.
fn explored(variants: usize) -> Explored {
    let violations = |variant: usize| {
        (0..variant % 4).map(move |index| Violation {
            promise: format!("promise {index}"),
            states: (40 + 3 * variant + 90 * index * index) as u64,
            steps: 5 + index,
        })
    };
    let search = |variant: usize| Search {
        variant,
        states: 900 + 7_919 * (variant as u64 % 5),
        complete: variant != 3,
        violations: violations(variant).collect(),
    };
    let bounds = "2 readers and 2 writers of 2 requests each, 1 key".to_owned();
    let searches = (0..variants).map(search).collect();
    Explored { bounds, proofs: Vec::new(), searches }
}

pub(crate) fn title_of(svg: &str) -> &str {
    let rest = svg.split_once("<title>").map_or("", |(_, rest)| rest);
    rest.split("</title>").next().unwrap_or_default()
}

/// Charts that have a place, or a word, for every variant.
const FOR_ALL: [Kind; 7] = [
    Kind::StaleReads,
    Kind::StaleAges,
    Kind::Latency,
    Kind::Freshness,
    Kind::Timeline,
    Kind::Scorecard,
    Kind::Schedules,
];

/// Texts and samples of lines and lines to labels are apart; what must be whole is; and no variant
/// is left out without a word.
#[test]
fn nothing_overlaps_or_leaves_the_canvas_or_is_lost_whatever_the_run() {
    let mut offences = Vec::new();
    let mut drawn_charts = 0;
    for (name, text) in scenarios() {
        let run = run(name, &text);
        let names = run.resolved()["variants"].as_array().expect("an array").clone();
        let names: Vec<String> =
            names.iter().map(|it| drawable(it["name"].as_str().expect("a name"))).collect();
        for kind in Kind::ALL {
            for size in Size::ALL {
                let style = Style { theme: Theme::Light, size };
                let Ok(drawn) = draw(kind, &run, style) else { continue };
                drawn_charts += 1;
                let place = format!("{name}, {}, {}", kind.name(), size.name());
                let mut found = drawn.offences();
                let texts: Vec<String> =
                    drawn.texts.iter().map(|(text, _)| drawable(text)).collect();
                let all = texts.join(" ").replace(' ', "");
                let has = |text: &str| all.contains(&text.replace(' ', ""));
                let lost = names.iter().filter(|it| FOR_ALL.contains(&kind) && !has(it));
                found.extend(lost.map(|name| format!("{name:?} is not on it")));
                // The footer is written from below.
                let footer: Vec<String> = texts.iter().rev().cloned().collect();
                if !has(REPLAY)
                    && !footer.concat().replace(' ', "").contains(&REPLAY.replace(' ', ""))
                {
                    found.push("the replay command is not whole".to_owned());
                }
                if !has(concat!("stalelab ", env!("CARGO_PKG_VERSION"))) {
                    found.push("the version is not whole".to_owned());
                }
                offences.extend(found.into_iter().map(|it| format!("{place}: {it}")));
                assert!(!drawn.description.is_empty() && drawn.svg.contains("<desc>"));
            }
        }
    }
    assert!(drawn_charts > 150, "{drawn_charts}");
    assert!(offences.is_empty(), "{}\n{}", offences.len(), offences.join("\n"));
}

#[test]
fn charts_look_as_they_did() {
    let (_, text) = scenarios().into_iter().find(|(name, _)| *name == "two").expect("it is there");
    let run = run("two", &text);
    for kind in Kind::ALL {
        let drawn = draw(kind, &run, Style::default()).unwrap_or_else(|why| panic!("{why}"));
        assert_golden(&format!("charts/{}.svg", kind.name()), &drawn.svg);
    }
}

#[test]
fn a_strategy_has_one_colour_in_every_chart_and_pictures_are_the_same_each_time() {
    let (_, text) = scenarios().remove(0);
    let run = run("two", &text);
    let color = Theme::Dark.strategy("versioned").hex();
    for kind in [Kind::StaleReads, Kind::Latency, Kind::Freshness, Kind::CostLoad, Kind::Timeline] {
        let style = Style { theme: Theme::Dark, size: Size::Square };
        let draw = || draw(kind, &run, style).expect("there is something to draw").svg;
        assert!(draw().contains(&color), "{}", kind.name());
        assert_eq!(outline(&draw()).expect("an SVG"), outline(&draw()).expect("an SVG"));
        assert_eq!(png(&draw()).expect("an SVG"), png(&draw()).expect("an SVG"));
    }
}

#[test]
fn titles_claim_only_what_the_replications_show() {
    let title = |name: &str, kind| {
        let (_, text) = scenarios().into_iter().find(|it| it.0 == name).expect("it is there");
        let svg = draw(kind, &run(name, &text), Style::default()).expect("there is data").svg;
        title_of(&svg).to_owned()
    };
    let apart = title("far apart", Kind::StaleReads);
    assert!(apart.contains("fewer stale reads than ttl 1 h") || apart.contains("stale"), "{apart}");
    assert!(title("nothing stale", Kind::StaleReads).starts_with("No stale read seen in"));
    // One replication has no interval, so nothing is claimed of a difference.
    let alone = title("one run of one", Kind::Freshness);
    assert_eq!(alone, "How fresh reads are after a write");
    // Nobody is praised for having read nothing, and nothing read is not nothing stale.
    for kind in [Kind::StaleReads, Kind::Timeline] {
        assert_eq!(title("all that fail", kind), "Every request failed");
    }
    assert!(!title("one that fails", Kind::Scorecard).contains("always too late"));
    let kept = title("nothing stale", Kind::CostLatency);
    assert_eq!(kept, "What consistency costs", "without stale reads nobody has fewest");
}

#[test]
fn all_that_are_first_are_named() {
    let (_, text) = scenarios().remove(0);
    let run = run("two", &text);
    let broken = |states| Violation { promise: "promise".to_owned(), states, steps: 5 };
    let search = |variant, states| Search {
        variant,
        states: 900,
        complete: true,
        violations: vec![broken(states)],
    };
    let title = |second| {
        let searches = vec![search(0, 40), search(1, second)];
        let bounds = "2 readers".to_owned();
        let run = run.clone().with_explored(Explored { bounds, proofs: Vec::new(), searches });
        let svg = draw(Kind::Schedules, &run, Style::default()).expect("explored").svg;
        title_of(&svg).to_owned()
    };
    let first = "first broken promise after 40 states, shortest race 5 steps";
    assert_eq!(title(40), format!("ttl 5 s and versioned: {first}"));
    assert_eq!(title(41), format!("ttl 5 s: {first}"));
}

#[test]
fn what_is_no_run_is_told_by_the_name_of_the_file() {
    let error = Run::read(|_| None).expect_err("there is nothing");
    assert_eq!(error.to_string(), "summary.json: is missing: is this a run's folder?");
    let error = Run::read(|_| Some(b"{".to_vec())).expect_err("no JSON");
    assert!(error.to_string().starts_with("summary.json: EOF"), "{error}");
    let error = Run::read(|_| Some(vec![0xff])).expect_err("no text");
    assert_eq!(error.to_string(), "summary.json: is not text");
}

#[test]
fn a_damaged_table_is_told_by_its_line_and_never_drawn() {
    let (_, text) = scenarios().remove(0);
    let (files, _) = files_of("two", &text);
    let damaged = |name: &str, damage: &dyn Fn(&str) -> String| {
        let table = String::from_utf8(files[name].clone()).expect("text");
        let read = |file: &str| match file == name {
            true => Some(damage(&table).into_bytes()),
            false => files.get(file).cloned(),
        };
        Run::read(read).expect_err(name).to_string()
    };
    let tables = ["replications", "latency", "staleness", "timeline", "freshness", "stale_keys"];
    for table in tables.map(|it| format!("{it}.csv")) {
        let last = files[&*table].iter().filter(|byte| **byte == b'\n').count();
        let cell = |text: &str| {
            let (rest, _) = text.trim_end().rsplit_once(',').expect("it has columns");
            // The last figure of latency.csv is not drawn if it is of a write.
            format!("{}x\n", rest.replace(",write,", ",read,"))
        };
        let error = damaged(&table, &|text| cell(&text.replace(",,", ",1,")));
        assert!(error.starts_with(&table), "{error}");
        let torn = damaged(&table, &|text| text[..text.trim_end().rfind(',').expect("it")].into());
        assert!(torn.starts_with(&table) && torn.contains(&format!("line: {last}")), "{torn}");
        let other = damaged(&table, &|text| text.replace("\nttl", "\nfoo"));
        assert!(other.contains("summary.json has no variant `foo"), "{other}");
        let renamed = damaged(&table, &|text| text.replacen("variant", "kind", 1));
        assert!(renamed.contains("no column `variant`"), "{renamed}");
        assert_eq!(damaged(&table, &|_| String::new()), format!("{table}: is empty"));
    }
    let word = damaged("timeline.csv", &|text| text.replacen(",0,", ",zero,", 1));
    assert!(word.contains("line 2: `") && word.contains("is `zero`, and not a number"), "{word}");
    let nothing = damaged("summary.json", &|text| text.replacen("\"seed\"", "\"need\"", 1));
    assert_eq!(nothing, "summary.json: has no `scenario.seed`");
    assert_eq!(
        damaged("manifest.json", &|_| "{}".into()),
        "manifest.json: has no `resolved` scenario"
    );
}
