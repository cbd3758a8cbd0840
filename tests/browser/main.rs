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
const WIDE: (u32, u32) = (1280, 900);
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

/// What the panel says somebody has.
fn panel(browser: &Browser, who: &str) -> String {
    browser.text(&format!(
        "[...{RACE}.querySelectorAll('.panel dl > div')]
            .find((it) => it.querySelector('dt').textContent === '{who}')
            .querySelector('dd').textContent"
    ))
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
        let said = browser.text(&format!("{RACE}.querySelector('.panel p').textContent"));
        let action = step["action"].as_str().expect("an action");
        assert!(said.contains(action), "{said} for {action}");
        let violated = step["violated"].as_array().expect("a list");
        assert_eq!(said.contains("violates"), !violated.is_empty(), "{said}");
    }
    browser.press(&[], LEFT);
    assert_eq!(at(&browser), format!("{} of {}", steps.len() - 1, steps.len()));
    assert_quiet(&browser);
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
        assert!(said.contains("violates"), "{said}");
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
    browser.press(&[], SPACE);
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
