//! What is said of bad scenarios, word for word: `tests/it/cases/diagnostics/`.
//!
//! Each scenario there has the text beside it. A comment `# --set KEY=VALUE` in a scenario stands
//! for the command line.

use std::fs;
use std::path::Path;

use stalelab::scenario::{CODES, Input, Override, Severity, parse};

use crate::golden::change;

/// The folder, from the root of the repository.
const FOLDER: &str = "tests/it/cases/diagnostics";

/// The stems of the files with this extension, sorted.
fn stems(extension: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    let paths = entries.map(|entry| entry.path());
    let mut stems: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    stems.sort();
    stems
}

/// What is said of a scenario of the folder: rendered, and its codes.
fn said(stem: &str) -> (String, Vec<&'static str>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(format!("{stem}.toml"));
    let text = fs::read_to_string(path).expect("it is there");
    let overrides: Vec<Override> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# --set "))
        .map(|given| Override::parse(given).expect("KEY=VALUE"))
        .collect();
    let origin = format!("{stem}.toml");
    let input = Input { origin, ..Input::from_text(stem, &text) };
    let (list, severity) = match parse(&input, &overrides) {
        Ok(checked) => (checked.warnings, Severity::Warning),
        Err(diagnostics) => (diagnostics, Severity::Error),
    };
    assert!(list.iter().any(|one| one.severity == severity), "{stem}: nothing is wrong");
    (list.render(&input, false), list.iter().map(|one| one.code).collect())
}

#[test]
fn what_is_said_of_bad_scenarios_has_not_changed() {
    let scenarios = stems("toml");
    let compare = |stem: &String| change(&format!("diagnostics/{stem}.txt"), &said(stem).0);
    let changes: Vec<String> = scenarios.iter().filter_map(compare).collect();
    assert!(changes.is_empty(), "{}", changes.join("\n\n"));
    assert_eq!(scenarios, stems("txt"), "a text without a scenario");
}

#[test]
fn every_code_is_shown_by_a_bad_scenario() {
    let shown: Vec<&str> = stems("toml").iter().flat_map(|stem| said(stem).1).collect();
    for (code, _) in CODES {
        assert!(shown.contains(code), "{code}");
    }
    assert!(shown.iter().all(|code| CODES.iter().any(|(known, _)| known == code)));
}
