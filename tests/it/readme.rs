//! The README keeps its word: commands, tables, code and output are the real ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stalelab::scenario::builtin::{self, SCENARIOS};
use stalelab::scenario::{Input, parse};
use stalelab::{strategies, validation};

const README: &str = include_str!("../../README.md");
const EXAMPLE: &str = include_str!("../../examples/own_strategy.rs");

/// The content of the README's code blocks in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = README.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The rows of the README's table with this head.
fn table(head: &str) -> Vec<&'static str> {
    let (_, after) = README.split_once(&format!("\n{head}\n")).expect("the table is there");
    after.lines().skip(1).take_while(|line| line.starts_with('|')).collect()
}

/// What the program prints.
fn stdout(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_stalelab")).args(args).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_first_screen_has_exactly_the_two_commands() {
    assert_eq!(blocks("sh")[0], "cargo run --release -- run in-stock\ncargo test");
    let line = README.lines().position(|line| line == "cargo test").expect("it is there");
    assert!(line < 24, "the commands have slid down to line {}", line + 1);
}

#[test]
fn the_output_shown_is_the_output() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let folder = folder.to_str().expect("UTF-8");
    let quiet = ["run", "in-stock", "--no-progress", "--color", "never", "-o", folder];
    let charts = ["--charts", "--format", "svg", "--size", "1200x630"];
    let output = stdout(&[&quiet[..], &charts].concat());
    let shown = blocks("text")[0];
    assert!(output.starts_with(shown), "README shows:\n{shown}\nbut the run prints:\n{output}");
    for chart in ["stale-reads", "cost-latency", "freshness"] {
        let drawn = fs::read(Path::new(folder).join(format!("charts/{chart}.svg")));
        let shown = fs::read(format!("docs/pictures/{chart}.svg")).expect("it is there");
        assert!(drawn.expect("it was drawn") == shown, "{chart}: make it again, see the README");
    }
}

#[test]
fn the_race_shown_is_what_explore_prints() {
    let command = blocks("sh").into_iter().find_map(|block| {
        block.lines().find_map(|line| line.strip_prefix("cargo run --release -- explore "))
    });
    let words = command.expect("the README explores something").split_whitespace();
    let args: Vec<&str> = ["explore"].into_iter().chain(words).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_stalelab")).args(&args).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(1), "a property that was asked for is violated");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let shown = blocks("text").into_iter().find(|block| block.starts_with("versioned: every"));
    assert_eq!(shown.map(str::trim_end), Some(printed.trim_end()));
}

#[test]
fn the_race_behind_a_stale_read_is_what_explain_race_prints() {
    let printed = stdout(&["--color", "never", "explain-race", "delete-race"]);
    let shown = blocks("text").into_iter().find(|block| block.starts_with("delete-race, "));
    assert_eq!(shown.map(str::trim_end), Some(printed.trim_end()));
}

#[test]
fn theory_says_what_is_shown() {
    let short = ["--set", "duration=60s", "--no-progress"];
    let printed = stdout(&[&["--color", "never", "theory", "delete-race"], &short[..]].concat());
    let shown = blocks("text").into_iter().find(|block| block.starts_with("delete on write\n"));
    let shown = shown.expect("it is there").trim_end();
    assert!(printed.starts_with(shown), "it is now:\n{printed}");
}

#[test]
fn the_schedule_is_played_exported_and_drawn_as_shown() {
    let race = "docs/races/stale-set.txt";
    let shown = |start: &str| {
        let block = blocks("text").into_iter().find(|block| block.starts_with(start));
        block.map(str::trim_end)
    };
    let played = stdout(&["--color", "never", "replay", race]);
    assert_eq!(shown("no-stale-read: a read"), Some(played.trim_end()));
    let mermaid = stdout(&["export", race, "--as", "mermaid"]);
    assert_eq!(shown("sequenceDiagram"), Some(mermaid.trim_end()));
    let picture = fs::read_to_string("docs/pictures/stale-set.svg").expect("it is there");
    assert!(stdout(&["export", race, "--as", "svg"]) == picture, "make it again: see the README");
}

#[test]
fn the_history_is_judged_as_shown() {
    let file = "docs/histories/stock.jsonl";
    let output =
        Command::new(env!("CARGO_BIN_EXE_stalelab")).args(["check-history", file]).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(1), "it is not linearizable");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let shown = blocks("text").into_iter().find(|block| block.starts_with(file));
    assert_eq!(shown.map(str::trim_end), Some(printed.trim_end()));
    // It has the lines that are shown, but for what clients cannot know.
    let known =
        fs::read_to_string(file).expect("it is there").replace(", \"committed\": 25000000", "");
    assert!(blocks("json")[0].lines().all(|line| known.contains(line)), "not in {file}");
}

#[test]
fn the_matrix_is_the_one_the_explorer_gives() {
    let matrix = stdout(&["matrix", "--markdown"]);
    assert!(README.contains(matrix.trim_end()), "it is now:\n{matrix}");
}

#[test]
fn the_validation_shown_covers_what_is_validated() {
    let head = "| form | quantity | worlds | largest difference | in standard errors | told from |";
    let shown = table(head);
    let forms = validation::forms();
    assert_eq!(shown.len(), forms.len(), "make it again: `stalelab validate --markdown`");
    for (row, form) in shown.iter().zip(forms) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let quantity =
            cells[2].trim_end_matches(" ‡").trim_end_matches(" †").trim_end_matches(" ≈");
        assert_eq!((cells[1].trim_matches('`'), quantity), (form.form, form.quantity));
        assert_eq!(cells[3], form.worlds.to_string());
        assert!(!row.contains('✗'), "all of them agreed");
    }
}

#[test]
fn every_command_exists() {
    let help = stdout(&["--help"]);
    let commands = blocks("sh").into_iter().flat_map(str::lines);
    for words in commands.filter_map(|line| line.strip_prefix("cargo run --release -- ")) {
        let words = words.split(['>', '#']).next().expect("the command before a file");
        let mut words = words.split_whitespace();
        let command = words.next().expect("a command");
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        let subject = words.next().expect("a subject");
        match command {
            "run" => assert!(builtin::input(subject).is_some(), "{subject}"),
            "explore" => assert!(strategies::find(subject).is_some(), "{subject}"),
            // It finds something.
            "check-history" => assert!(fs::exists(subject).is_ok_and(|it| it), "{subject}"),
            _ => {
                let args: Vec<&str> = [command, subject].into_iter().chain(words).collect();
                assert!(!stdout(&args).is_empty());
            }
        }
    }
}

#[test]
fn every_file_it_links_to_exists() {
    let targets = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for target in targets.filter(|target| !target.starts_with("http")) {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), target].iter().collect();
        assert!(fs::exists(path).is_ok_and(|exists| exists), "{target}");
    }
}

#[test]
fn the_tables_list_what_is_built_in() {
    let rows: Vec<String> = strategies::ALL
        .iter()
        .map(|info| format!("| `{}` | {} |", info.name, info.summary))
        .collect();
    assert_eq!(table("| name | what it does |"), rows);

    let rows = table("| name | title | what it shows |");
    assert_eq!(rows.len(), SCENARIOS.len());
    for (row, scenario) in rows.iter().zip(SCENARIOS) {
        let input = builtin::input(scenario.name).expect("it is in the table");
        let Ok(checked) = parse(&input, &[]) else { panic!("{} is invalid", scenario.name) };
        let start = format!("| `{}` | {} | ", scenario.name, checked.scenario.title);
        assert!(row.starts_with(&start), "{row}\nshould start with\n{start}");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = stdout(&["--help"]);
    let (_, codes) = help.split_once("Exit codes:\n").expect("the help lists them");
    let rows = codes.lines().filter_map(|line| line.trim().split_once(' '));
    let rows: Vec<String> =
        rows.map(|(code, meaning)| format!("| {code} | {} |", meaning.trim())).collect();
    assert_eq!(table("| exit code | meaning |"), rows);
}

#[test]
fn the_scenario_is_valid_and_the_strategy_compiles() {
    let whole = blocks("toml")[0];
    match parse(&Input::from_text("README", whole), &[]) {
        Ok(checked) => assert!(checked.warnings.is_empty()),
        Err(mistakes) => panic!("{}", mistakes.render(&Input::from_text("README", whole), false)),
    }
    let strategy = blocks("rust")[0];
    assert!(EXAMPLE.contains(strategy), "not in examples/own_strategy.rs:\n{strategy}");
}
