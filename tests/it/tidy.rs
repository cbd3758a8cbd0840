//! The repository's own rules, checked on its own files: who may use whom, sizes, manners.
//!
//! A rule is a function from a text to its offences, so that it can be tried on a made-up
//! offender too: a rule that catches nothing proves nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stalelab::scenario::builtin::{self, SCENARIOS};
use stalelab::scenario::parse;
use stalelab::strategies;

/// The library's modules, and which others each may use. A module may use only those above it,
/// so there are no cycles.
const LAYERS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("theory", &[]),
    ("picture", &[]),
    ("op", &["time"]),
    ("task", &["op"]),
    ("strategy", &["op", "task", "time"]),
    ("strategies", &["op", "strategy", "time"]),
    ("random", &["time"]),
    ("world", &["op", "random", "time"]),
    ("workload", &["op", "random", "time"]),
    ("observation", &["op", "time"]),
    (
        "simulation",
        &["observation", "op", "random", "strategy", "task", "time", "workload", "world"],
    ),
    ("schedule", &["observation", "op", "strategy", "task", "time", "world"]),
    ("explorer", &["op", "schedule", "strategy"]),
    ("metrics", &["observation", "op", "time"]),
    ("consistency", &["metrics", "time"]),
    ("scenario", &["metrics", "op", "random", "strategies", "time", "workload", "world"]),
    (
        "experiment",
        &[
            "metrics",
            "observation",
            "random",
            "scenario",
            "simulation",
            "strategies",
            "strategy",
            "time",
            "workload",
            "world",
        ],
    ),
    (
        "history",
        &[
            "consistency",
            "experiment",
            "metrics",
            "observation",
            "op",
            "simulation",
            "strategy",
            "time",
        ],
    ),
    (
        "incident",
        &[
            "experiment",
            "metrics",
            "observation",
            "op",
            "schedule",
            "simulation",
            "strategy",
            "time",
        ],
    ),
    (
        "event_log",
        &["experiment", "observation", "op", "schedule", "simulation", "strategy", "time"],
    ),
    (
        "perfetto",
        &[
            "event_log",
            "experiment",
            "metrics",
            "observation",
            "op",
            "schedule",
            "simulation",
            "strategy",
            "time",
        ],
    ),
    (
        "prediction",
        &[
            "metrics",
            "observation",
            "random",
            "scenario",
            "strategies",
            "theory",
            "time",
            "workload",
            "world",
        ],
    ),
    (
        "validation",
        &[
            "experiment",
            "metrics",
            "observation",
            "op",
            "prediction",
            "random",
            "simulation",
            "strategies",
            "strategy",
            "theory",
            "time",
            "workload",
            "world",
        ],
    ),
    (
        "report",
        &[
            "consistency",
            "incident",
            "metrics",
            "op",
            "picture",
            "prediction",
            "scenario",
            "schedule",
            "theory",
            "time",
            "validation",
            "world",
        ],
    ),
    ("chart", &["metrics", "picture", "report"]),
    ("webpage", &["chart", "metrics", "picture", "report", "schedule"]),
    (
        "testing",
        &[
            "experiment",
            "explorer",
            "incident",
            "op",
            "report",
            "scenario",
            "schedule",
            "strategies",
            "strategy",
            "time",
        ],
    ),
];

/// The longest a source file may be.
const FILE_LINES_MAX: usize = 400;
/// The longest a line may be.
const LINE_CHARS_MAX: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust files of a folder and those below it, by their path from the root, sorted.
fn rust_files(folder: &str) -> Vec<String> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
        for path in entries.map(|entry| entry.expect("readable").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(from_root(&path));
            }
        }
    }
    files.sort();
    files
}

fn from_root(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("it is below the root");
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn everything() -> Vec<String> {
    ["src", "tests", "benches", "examples"].iter().flat_map(|folder| rust_files(folder)).collect()
}

/// What is compiled into the library: no comments, and no tests, which close a file.
fn code(source: &str) -> String {
    let lines = source.lines().take_while(|line| *line != "#[cfg(test)]");
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

/// The top-level modules that code refers to.
fn modules_used(code: &str) -> BTreeSet<String> {
    let after = code.split("crate::").skip(1);
    after
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

/// The top-level module of a library file: `src/world/cache.rs` is of `world`.
fn module_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split(['/', '.']).next().unwrap_or(path)
}

/// A file of tests only: it may use what it likes.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// What a file of a module uses and may not.
fn layer_offences(module: &str, source: &str) -> Vec<String> {
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("`{module}` is not in the table of layers")];
    };
    let code = code(source);
    let used = modules_used(&code);
    let forbidden = |used: &&String| *used != module && !allowed.contains(&used.as_str());
    let mut offences: Vec<String> = used
        .iter()
        .filter(forbidden)
        .map(|used| match used.as_str() {
            "" => "imports several modules in one `use`: one line each".to_owned(),
            used => format!("`{module}` may not use `{used}`"),
        })
        .collect();
    let draws =
        code.matches("crate::random").count() - code.matches("random::Distribution;").count();
    if module == "world" && draws > 0 {
        offences.push("`world` may name a distribution, but not draw from it".to_owned());
    }
    offences
}

/// Whether more than half of a line is one string: a table of texts would be harder to read
/// with its texts broken up.
fn is_mostly_text(line: &str) -> bool {
    match (line.find('"'), line.rfind('"')) {
        (Some(first), Some(last)) => 2 * line[first..last].chars().count() > line.chars().count(),
        _ => false,
    }
}

fn long_lines(source: &str) -> Vec<String> {
    let too_long = |line: &str| line.chars().count() > LINE_CHARS_MAX && !is_mostly_text(line);
    let lines = source.lines().enumerate().filter(|(_, line)| too_long(line));
    lines.map(|(index, _)| format!("line {} is too long", index + 1)).collect()
}

/// Things that are no way to leave a file.
fn bad_manners(source: &str) -> Vec<String> {
    // Put together here, so that this file does not offend itself.
    let banned = [
        concat!("uns", "afe "),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    let mut offences: Vec<String> = banned
        .iter()
        .filter(|word| source.contains(**word))
        .map(|word| format!("contains `{word}`"))
        .collect();
    if !source.starts_with("//!") {
        offences.push("does not begin with what it is about (`//!`)".to_owned());
    }
    if source.lines().any(|line| line.ends_with([' ', '\t'])) {
        offences.push("has blanks at the end of a line".to_owned());
    }
    offences
}

/// Tries a rule on files, and fails with every offence.
fn check(files: &[String], rule: impl Fn(&str, &str) -> Vec<String>) {
    let offences: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let offences = rule(path, &text(path));
            offences.into_iter().map(move |offence| format!("{path}: {offence}"))
        })
        .collect();
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

fn library() -> Vec<String> {
    let mut files = rust_files("src");
    files.retain(|path| !matches!(module_of(path), "lib" | "main" | "cli") && !is_test(path));
    files
}

#[test]
fn modules_use_only_what_their_layer_allows() {
    check(&library(), |path, source| layer_offences(module_of(path), source));
}

#[test]
fn the_table_of_layers_is_in_order_and_exact() {
    for (index, (module, allowed)) in LAYERS.iter().enumerate() {
        let above: Vec<&str> = LAYERS[..index].iter().map(|(name, _)| *name).collect();
        for name in *allowed {
            assert!(above.contains(name), "{module} uses {name}, which is not above it");
        }
        let files = library().into_iter().filter(|path| module_of(path) == *module);
        let mut used: BTreeSet<String> =
            files.flat_map(|path| modules_used(&code(&text(&path)))).collect();
        used.remove(*module);
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(used, allowed, "what {module} uses, and what the table says");
    }
    let listed: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    let lib = text("src/lib.rs");
    let declared = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    assert_eq!(declared.collect::<BTreeSet<_>>(), listed);
}

#[test]
fn the_command_line_is_a_user_of_the_library() {
    let files: Vec<String> =
        rust_files("src/cli").into_iter().chain(["src/main.rs".to_owned()]).collect();
    check(&files, |_, source| match code(source).contains("use crate::") {
        true => vec!["reaches into the library's own crate: use `stalelab::`".to_owned()],
        false => Vec::new(),
    });
}

#[test]
fn files_and_lines_are_short() {
    check(&rust_files("src"), |_, source| match source.lines().count() {
        lines if lines > FILE_LINES_MAX => vec![format!("has {lines} lines")],
        _ => Vec::new(),
    });
    check(&everything(), |_, source| long_lines(source));
}

#[test]
fn files_have_manners() {
    check(&everything(), |_, source| bad_manners(source));
}

#[test]
fn every_strategy_file_is_in_the_table() {
    let mut files = rust_files("src/strategies");
    let others = ["src/strategies/mod.rs", "src/strategies/params.rs"];
    files.retain(|path| !others.contains(&path.as_str()));
    let mut listed: Vec<PathBuf> = strategies::ALL
        .iter()
        .map(|info| format!("src/strategies/{}.rs", info.name.replace('-', "_")).into())
        .collect();
    listed.sort();
    assert_eq!(listed, files.iter().map(PathBuf::from).collect::<Vec<_>>());
}

#[test]
fn every_scenario_asks_a_question_and_pins_its_answer() {
    for scenario in SCENARIOS {
        let name = scenario.name;
        let input = builtin::input(name).expect("it is in the table");
        let Ok(checked) = parse(&input, &[]) else { panic!("{name} is invalid") };
        let found = &checked.scenario;
        assert!(!found.expectations.is_empty(), "{name} pins nothing");
        assert!(found.title != name && !found.summary.is_empty(), "{name} says too little");
        let mut lines = scenario.text.lines();
        assert_eq!(lines.next(), Some("#:schema ../scenario.schema.json"), "{name}");
        assert!(lines.next().is_some_and(|line| line.starts_with("# ")), "{name}: no comment");
    }
}

#[test]
fn the_changelog_knows_this_version() {
    let heading = format!("\n## {}", env!("CARGO_PKG_VERSION"));
    assert!(text("CHANGELOG.md").contains(&heading), "no heading {heading:?}");
}

#[test]
fn the_rules_catch_offenders() {
    let caught = |module, source| layer_offences(module, source).len();
    assert_eq!(caught("strategies", "use crate::op::Key;\nuse crate::world::Cache;\n"), 1);
    assert_eq!(caught("simulation", "fn f() { crate::scenario::parse() }\n"), 1);
    assert_eq!(caught("theory", "use crate::{time, op};\n"), 1);
    assert_eq!(caught("world", "use crate::random::Streams;\n"), 1);
    assert_eq!(caught("world", "use crate::random::Distribution;\n"), 0);
    assert_eq!(caught("gossip", ""), 1);
    let innocent = "//! See [`crate::world`].\nuse crate::op::Key;\n\n#[cfg(test)]\n\
                    use crate::simulation::run;\n";
    assert_eq!(caught("strategies", innocent), 0);

    let comment = format!("// {}", "x".repeat(LINE_CHARS_MAX));
    assert_eq!(long_lines(&comment).len(), 1);
    assert_eq!(long_lines(&format!("    \"{}\",", "x".repeat(LINE_CHARS_MAX))).len(), 0);
    assert_eq!(long_lines(&format!("//{}", "é".repeat(LINE_CHARS_MAX - 2))).len(), 0);

    assert_eq!(bad_manners("//! Fine.\n\nfn f() {}\n").len(), 0);
    for (word, rest) in [("to", "do!()"), ("uns", "afe {}"), ("#[ig", "nore]"), ("FIX", "ME")] {
        assert_eq!(bad_manners(&format!("//! Not.\n{word}{rest}\n")).len(), 1, "{word}{rest}");
    }
    assert_eq!(bad_manners("fn f() {}\n").len(), 1);
    assert_eq!(bad_manners("//! Not. \n").len(), 1);
}
