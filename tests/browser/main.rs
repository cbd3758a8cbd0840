//! The HTML report, driven in a real browser: keys, what the panel shows, no complaint, no request.

mod driver;

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use driver::{Browser, END, ESCAPE, HOME, LEFT, RIGHT, SHIFT, SPACE};

/// The current race's part of the page.
const RACE: &str = "document.querySelector('article.race:not([hidden])')";
const WIDE: (u32, u32) = (1280, 757);
const NARROW: (u32, u32) = (390, 844);

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// What a command prints.
fn stalelab(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_stalelab"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The address of the report on a short run.
fn report(name: &str) -> String {
    let path = folder(name);
    let output = path.to_str().expect("text");
    stalelab(&[
        "run",
        "in-stock",
        "-q",
        "--replications",
        "2",
        "--report",
        "-o",
        output,
        "--set",
        "expect=[]",
    ]);
    format!("file://{}", path.join("report.html").display())
}

/// The address of a page about one schedule.
fn page(name: &str, schedule: &str) -> String {
    let path = folder(name).join("race.html");
    std::fs::write(&path, stalelab(&["export", schedule, "--as", "html"])).expect("a file");
    format!("file://{}", path.display())
}

fn at(browser: &Browser) -> String {
    browser.text(&format!("{RACE}.querySelector('output').textContent"))
}

/// Something of what the panel says of somebody.
fn of_panel(browser: &Browser, who: &str, what: &str) -> String {
    browser.text(&format!(
        "[...{RACE}.querySelectorAll('.panel dl > div')]
            .find((it) => it.querySelector('dt').textContent === '{who}')
            .querySelector('dd').{what}"
    ))
}

/// What the panel says somebody has.
fn panel(browser: &Browser, who: &str) -> String {
    of_panel(browser, who, "firstChild.textContent")
}

/// How long the panel says that the cache will have it.
fn left(browser: &Browser) -> String {
    of_panel(browser, "cache", "querySelector('small')?.textContent ?? ''")
}

/// A length of time as the page writes it, in nanoseconds.
fn nanoseconds(text: &str) -> f64 {
    let (number, unit) = text.split_once(' ').expect("a number and a unit");
    let unit = match unit {
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        other => panic!("{other}"),
    };
    number.parse::<f64>().expect("a number") * unit
}

/// Nothing went wrong, and nothing but the page itself was asked for.
fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new());
    let away = |it: &String| !it.starts_with("file://") && !it.starts_with("data:");
    let requests = browser.requests();
    assert!(!requests.is_empty(), "the page itself is a request");
    assert_eq!(requests.into_iter().filter(away).collect::<Vec<_>>(), Vec::<String>::new());
}

fn shoot(browser: &Browser, name: &str) {
    let bytes = STANDARD.decode(browser.screenshot()).expect("base64");
    std::fs::write(folder("shots").join(name), bytes).expect("a file");
}

#[test]
fn the_panel_shows_what_the_schedule_does() {
    let schedule = "docs/races/stale-set.txt";
    let told: Value =
        serde_json::from_str(&stalelab(&["export", schedule, "--as", "json"])).expect("JSON");
    let steps = told["steps"].as_array().expect("steps");
    let browser = Browser::start(WIDE, &[]);
    browser.open(&page("panel", schedule));
    assert_eq!(at(&browser), format!("0 of {}", steps.len()));
    for (index, step) in steps.iter().enumerate() {
        browser.press(&[], RIGHT);
        assert_eq!(at(&browser), format!("{} of {}", index + 1, steps.len()));
        let database = format!("v{}", step["database"]["x"]);
        assert_eq!(panel(&browser, "database"), database);
        let cache = match &step["caches"][0]["x"] {
            Value::Null => "empty".to_owned(),
            held => format!("v{}", held["row"]),
        };
        assert_eq!(panel(&browser, "cache"), cache);
        assert_eq!(left(&browser), if cache == "empty" { "" } else { "no TTL" });
        let said = browser.text(&format!("{RACE}.querySelector('.panel p').textContent"));
        let action = step["action"].as_str().expect("an action");
        assert!(said.contains(action), "{said} for {action}");
        let violated = step["violated"].as_array().expect("a list");
        assert_eq!(said.contains("violates"), !violated.is_empty(), "{said}");
    }
    browser.press(&[], LEFT);
    assert_eq!(at(&browser), format!("{} of {}", steps.len() - 1, steps.len()));
    let text = browser.text(&format!("{RACE}.querySelector('pre').textContent"));
    assert_eq!(text.trim_end(), told["schedule"].as_str().expect("a text").trim_end());
    assert_quiet(&browser);
}

#[test]
fn the_panel_counts_down_a_ttl() {
    let command = ["explain-race", "in-stock", "--variant", "ttl 60 s", "--set", "duration=20s"];
    let form = |name| stalelab(&[&command[..], &["--replications", "1", "--as", name]].concat());
    let told: Value = serde_json::from_str(&form("json")).expect("JSON");
    let path = folder("ttl").join("race.html");
    std::fs::write(&path, form("html")).expect("a file");
    let browser = Browser::start(WIDE, &[]);
    browser.open(&format!("file://{}", path.display()));
    let mut filled = None;
    for step in told["steps"].as_array().expect("steps") {
        browser.press(&[], RIGHT);
        let at = step["at_ns"].as_u64().expect("an instant") as f64;
        if step["action"].as_str().expect("an action").starts_with("cache.set") {
            filled = Some(at);
        }
        let when = browser.text(&format!("{RACE}.querySelector('.panel p small').textContent"));
        assert_eq!(when, format!("{:.6} s", at / 1e9));
        let said = left(&browser);
        let Some(filled) = filled else {
            assert_eq!(said, "");
            continue;
        };
        let rest = said.strip_prefix("TTL 60 s: ").and_then(|it| it.strip_suffix(" left"));
        let rest = nanoseconds(rest.unwrap_or_else(|| panic!("{said}")));
        let expected = 60e9 - (at - filled);
        assert!((rest - expected).abs() <= 0.005 * expected + 1e3, "{said}, not {expected} ns");
    }
    assert!(filled.is_some());
    assert_quiet(&browser);
}

#[test]
fn a_schedule_without_times_has_a_ttl_and_says_that_no_time_passes() {
    let schedule = folder("untimed").join("race.txt");
    let text = "strategy: { ttl-only = { ttl = \"60s\" } }\na: read x\nb: write x\nc: read x\n\n\
                a: cache.get x -> miss\na: db.read x -> v0\na: cache.set x v0\n\
                b: db.write x -> v1\nc: cache.get x -> v0\n";
    std::fs::write(&schedule, text).expect("a file");
    let browser = Browser::start(WIDE, &[]);
    browser.open(&page("untimed", schedule.to_str().expect("text")));
    browser.press(&[], END);
    assert_eq!(panel(&browser, "cache"), "v0");
    assert_eq!(left(&browser), "TTL 60 s: no time in this schedule");
}

/// Whether the row of the current step is to be seen, below what sticks to the top.
const BAND_IS_SEEN: &str = "(() => {
    const race = document.querySelector('article.race:not([hidden])');
    const bands = [...race.querySelectorAll('.part:not([hidden]) .now')];
    const band = bands.map((it) => it.getBoundingClientRect()).find((it) => it.height > 0);
    const { bottom } = race.querySelector('.player').getBoundingClientRect();
    return band.top >= bottom - 1 && band.bottom <= innerHeight;
})()";

#[test]
fn the_row_of_every_step_is_in_the_window() {
    let address = report("rows");
    for size in [WIDE, NARROW, (1280, 500)] {
        let browser = Browser::start(size, &[]);
        browser.open(&address);
        let races = browser.value("document.querySelectorAll('article.race').length");
        for race in 1..=races.as_u64().expect("a number") {
            browser.open(&format!("{address}#race-{race}/0"));
            let steps = browser.value(&format!("Number({RACE}.querySelector('input').max)"));
            for step in 1..=steps.as_u64().expect("a number") {
                browser.press(&[], RIGHT);
                let seen = browser.value(BAND_IS_SEEN);
                assert!(seen == true, "step {step} of race {race} in {size:?}");
            }
        }
        let beside = browser.value(&format!(
            "{RACE}.querySelector('.panel').getBoundingClientRect().left
                >= {RACE}.querySelector('.pictures').getBoundingClientRect().right"
        ));
        assert_eq!(beside, size.0 >= 1000, "the panel is at the side where there is room");
        shoot(&browser, &format!("rows-{}x{}.png", size.0, size.1));
    }
}

#[test]
fn names_of_metrics_are_whole_and_stay_beside_their_figures() {
    let browser = Browser::start(NARROW, &[]);
    browser.open(&report("table"));
    let whole = "[...document.querySelectorAll('#results .figures code')]
        .filter((it) => it.clientHeight !== 0 || it.getClientRects().length > 0)
        .every((it) => it.getClientRects().length === 1)";
    assert!(browser.value(whole) == true);
    let table = "document.querySelector('.figures')";
    assert!(browser.value(&format!("{table}.scrollWidth > {table}.clientWidth")) == true);
    let name = format!("{table}.querySelector('tbody th').getBoundingClientRect().left");
    let before = browser.value(&name);
    browser.value(&format!("({table}.scrollLeft = 150)"));
    assert!(browser.value(&format!("{table}.scrollLeft")) == 150);
    assert_eq!(browser.value(&name), before);
    let captions = "[...document.querySelectorAll('#charts figcaption')]
        .every((it) => it.getBoundingClientRect().height > 10)";
    assert!(browser.value(captions) == true, "titles that do not fit are below their pictures");
    shoot(&browser, "table.png");
}

/// More steps than fit into one picture.
const LONG: &str = "strategy: delete-on-write\na: read x, read x\nb: write x, write x\n\
                    c: read x, read x, read x\n\n\
                    a: cache.get x -> miss\na: db.read x -> v0\nb: db.write x -> v1\n\
                    b: cache.delete x\na: cache.set x v0\nc: cache.get x -> v0\n\
                    a: cache.get x -> v0\nb: db.write x -> v2\nc: cache.get x -> v0\n\
                    b: cache.delete x\nc: cache.get x -> miss\nc: db.read x -> v2\n\
                    c: cache.set x v2\n";

#[test]
fn paper_has_every_picture_and_every_table() {
    let schedule = folder("paper").join("long.txt");
    std::fs::write(&schedule, LONG).expect("a file");
    let browser = Browser::start(WIDE, &[]);
    browser.open(&page("paper", schedule.to_str().expect("text")));
    let heights = |what: &str| format!("[...document.querySelectorAll('{what}')]");
    let all = |what: &str| format!("{}.every((it) => it.clientHeight > 50)", heights(what));
    let many = |what: &str| browser.value(&format!("{}.length", heights(what)));
    assert_eq!(many(".part"), 2);
    // Each stale read is explained, not only the first.
    let stale = "[...document.querySelectorAll('tr.violation')]
        .filter((it) => it.cells[it.cells.length - 1].textContent.includes('no-stale-read'))
        .map((it) => it.dataset.step)";
    let told = format!(
        "{stale}.length > 2 && {stale}.every((step) => document.querySelector('article')
            .textContent.includes(`Why was the read that step ${{step}} answers stale?`))"
    );
    assert!(browser.value(&told) == true);
    assert!(browser.value(&all(".part")) == false, "one part at a time");
    browser.command("Emulation.setEmulatedMedia", &serde_json::json!({ "media": "print" }));
    assert!(browser.value(&all(".part")) == true);
    assert!(browser.value(&all(".steps table")) == true, "even where no event tells of paper");
    browser.command("Emulation.setEmulatedMedia", &serde_json::json!({ "media": "" }));
    let open = "[...document.querySelectorAll('details')].every((it) => it.open)";
    assert!(browser.value(open) == false);
    browser.value("dispatchEvent(new Event('beforeprint'))");
    assert!(browser.value(open) == true);
    browser.value("dispatchEvent(new Event('afterprint'))");
    assert!(browser.value(&format!("{RACE}.querySelector('.steps').open")) == false);
}

#[test]
fn a_report_is_walked_through_by_keyboard() {
    let browser = Browser::start(WIDE, &[]);
    let address = report("keys");
    browser.open(&format!("{address}#race-1"));
    let races = browser.value("document.querySelectorAll('article.race').length");
    assert!(races.as_u64() > Some(1), "{races} races");
    browser.press(&[], RIGHT);
    browser.press(&[], RIGHT);
    assert!(at(&browser).starts_with("2 of "), "{}", at(&browser));
    assert!(browser.text("location.hash") == "#race-1/2");
    browser.press(&[], HOME);
    assert!(at(&browser).starts_with("0 of "));
    // Every violation, one after another, through all races.
    let violations = browser.value("document.querySelectorAll('tr.violation').length");
    let mut places = Vec::new();
    for _ in 0..violations.as_u64().expect("a number") {
        browser.press(&[SHIFT], RIGHT);
        places.push(browser.text("location.hash"));
        let said = browser.text(&format!("{RACE}.querySelector('.panel p').textContent"));
        assert!(said.contains("✗ violates") || said.ends_with("✗ stale read"), "{said}");
    }
    let mut unique = places.clone();
    unique.dedup();
    assert_eq!(unique, places, "each is met once");
    browser.press(&[SHIFT], LEFT);
    assert_eq!(browser.text("location.hash"), places[places.len() - 2]);
    browser.press(&[], END);
    assert!(browser.value(&format!("{RACE}.querySelectorAll('button')[2].disabled")) == true);
    browser.press(&[], "?");
    assert!(browser.value("document.getElementById('keys').open") == true);
    browser.press(&[], ESCAPE);
    assert!(browser.value("document.getElementById('keys').open") == false);
    browser.press(&[], HOME);
    // The slider has no use for it.
    browser.value(&format!("{RACE}.querySelector('input').focus()"));
    browser.press(&[], SPACE);
    let play = format!("{RACE}.querySelectorAll('button')[1].title");
    assert_eq!(browser.text(&play), "Pause (Space)");
    browser.wait(&format!("Number({RACE}.querySelector('input').value) >= 1"));
    browser.press(&[], SPACE);
    let paused = browser.text(&format!("{RACE}.querySelectorAll('button')[1].textContent"));
    assert_eq!(paused, "▶");
    assert_quiet(&browser);
}

#[test]
fn a_link_leads_to_its_step_and_pages_fit_their_windows() {
    let address = report("links");
    for (name, size, dark) in [("wide", WIDE, false), ("narrow", NARROW, true)] {
        let more: &[&str] = if dark { &["--force-dark-mode"] } else { &[] };
        let browser = Browser::start(size, more);
        browser.open(&address);
        shoot(&browser, &format!("{name}-top.png"));
        browser.open(&format!("{address}#race-2/3"));
        assert!(at(&browser).starts_with("3 of "), "{}", at(&browser));
        shoot(&browser, &format!("{name}-race.png"));
        let wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(wider), 0, "{name}: the page is wider than its window");
        assert_quiet(&browser);
    }
}

#[test]
fn without_scripts_every_race_is_a_picture_and_a_table() {
    let browser = Browser::start(WIDE, &["--blink-settings=scriptEnabled=false"]);
    browser.open(&report("no-scripts"));
    let all = "[...document.querySelectorAll('article.race')]";
    let shown = |what: &str| format!("{all}.every((it) => {what})");
    let is_high = |part: &str| shown(&format!("it.querySelector('{part}').clientHeight > 50"));
    assert!(browser.value(&is_high(".part")) == true);
    assert!(browser.value(&is_high(".steps table")) == true);
    assert!(browser.value(&shown("it.querySelector('.player').clientHeight === 0")) == true);
    shoot(&browser, "no-scripts.png");
}
