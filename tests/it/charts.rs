//! Charts: nothing overlaps, nothing leaves the canvas, whatever the run; and they look as before.

use stalelab::chart::{Kind, Run, draw};
use stalelab::experiment::{self, Options};
use stalelab::picture::{Size, Style, Theme, outline, png};
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
        (0..12).map(|index| format!("variant number {index:02} of a dozen")).collect();
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
    let one = variants(&[("alone", "{ ttl-only = { ttl = \"5s\" } }")])
        .replace("replications = 4", "replications = 1");
    vec![
        ("two", two),
        ("a dozen", variants(&dozen)),
        ("nothing stale", fresh),
        ("far apart", apart),
        ("one that fails", failed),
        ("faults", broken),
        ("one run of one", one),
    ]
}

/// Runs a scenario, and reads its files back as charts do.
fn run(name: &str, text: &str) -> Run {
    let input = Input::from_text("charts", text);
    let Ok(checked) = parse(&input, &[]) else { panic!("{name} is invalid") };
    let scenario = &checked.scenario;
    let comparison = experiment::run(scenario, &Options::default(), &()).expect("nothing stops it");
    let header = Header {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        summary: scenario.summary.clone(),
        seed: scenario.seed,
        replications: scenario.replications,
        warmup: scenario.warmup,
        overrides: Vec::new(),
        replay: "stalelab run charts.toml --seed 1".to_owned(),
        resolved: scenario.resolved.clone(),
    };
    let files = output_files(&header, &comparison);
    let file = |name: &str| files.iter().find(|it| it.name == name).map(|it| it.bytes.clone());
    Run::read(file).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn nothing_overlaps_or_leaves_the_canvas_whatever_the_run() {
    let mut offences = Vec::new();
    let mut drawn_charts = 0;
    for (name, text) in scenarios() {
        let run = run(name, &text);
        for kind in Kind::ALL {
            for size in Size::ALL {
                let style = Style { theme: Theme::Light, size };
                let Ok(drawn) = draw(kind, &run, style) else { continue };
                drawn_charts += 1;
                let place = format!("{name}, {}, {}", kind.name(), size.name());
                offences.extend(drawn.offences().into_iter().map(|it| format!("{place}: {it}")));
                assert!(!drawn.description.is_empty() && drawn.svg.contains("<desc>"));
            }
        }
    }
    assert!(drawn_charts > 100, "{drawn_charts}");
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
        let (_, rest) = svg.split_once("<title>").expect("it has one");
        rest.split("</title>").next().unwrap_or_default().to_owned()
    };
    let apart = title("far apart", Kind::StaleReads);
    assert!(apart.contains("fewer stale reads than ttl 1 h") || apart.contains("stale"), "{apart}");
    assert!(title("nothing stale", Kind::StaleReads).starts_with("No stale read seen in"));
    // One replication has no interval, so nothing is claimed of a difference.
    let alone = title("one run of one", Kind::Freshness);
    assert_eq!(alone, "How fresh reads are after a write");
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
