//! Same scenario, seed and version: the same bytes, whatever the machine, the number of threads or
//! the build. A release build is asked by `stalelab digests`, which checks the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stalelab::report::PROMISED;

use crate::command::printed;
use crate::golden::change_of;

/// Where the digests are.
const FILE: &str = "src/report/digests.txt";

/// The head of that file.
const NOTE: &str = "\
# The digest of each built-in scenario's output, at a tenth of its length, with two replications.
# A new scenario needs a line, and one whose text changed a new digest. Any other change means that
# stalelab no longer gives the bytes it gave: accept it only if meant, and say so in CHANGELOG.md.
";

/// Functions of floats whose last bit is the platform's.
const FLOATS: [&str; 24] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log10", "log2", "powf", "powi", "sin", "cos",
    "tan", "sin_cos", "sinh", "cosh", "tanh", "asin", "acos", "atan", "atan2", "cbrt", "hypot",
    "mul_add",
];

/// Other things that are not the same twice.
const OTHERS: [&str; 8] = [
    "std::time::Instant",
    "std::time::SystemTime",
    "std::env::var",
    "std::env::var_os",
    "std::env::vars",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::hash::RandomState",
];

/// The environment of the process, however it is imported. `env!` is that of the build.
const ENVIRONMENT: [&str; 5] = ["std::env", "env::", "{env", " env,", " env}"];

/// Whether the word is there, and not as the beginning of a longer one.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let next = code[at + word.len()..].chars().next();
        word.ends_with(['(', ':']) || !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// What a source uses that no result may depend on.
fn unsteady(source: &str) -> Vec<String> {
    let code: Vec<&str> =
        source.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
    // A test's scratch is in no result.
    let code = code.join("\n").replace("std::env::temp_dir()", "");
    let floats = FLOATS
        .iter()
        .flat_map(|name| [format!(".{name}("), format!("f64::{name}"), format!("f32::{name}")]);
    let others = OTHERS.iter().map(|path| (*path).to_owned());
    // However it is imported, its last name is written down.
    let names = OTHERS.iter().filter_map(|path| path.rsplit("::").next());
    // An instant of virtual time may be called one.
    let names = names.map(|name| if name == "Instant" { "Instant::now" } else { name });
    let names = names.filter(|name| name.starts_with(char::is_uppercase));
    let names =
        names.flat_map(|name| [format!(" {name}"), format!("{{{name}"), format!("::{name}")]);
    let allows = ["methods", "types"].map(|what| format!("clippy::disallowed_{what}"));
    let environment = ENVIRONMENT.iter().map(|name| (*name).to_owned());
    let banned = floats.chain(others).chain(names).chain(allows).chain(environment);
    banned.filter(|word| has_word(&code, word)).collect()
}

/// The sources that a result may come from: all but the command line.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() && !path.ends_with("src/cli") {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn nothing_that_differs_from_run_to_run_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 100, "only {} files", files.len());
    for file in files {
        let found = unsteady(&fs::read_to_string(&file).expect("readable"));
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
    for offender in [
        "let x = y.ln();",
        "let x = f64::powf(y, 2.0);",
        "use std::collections::{BTreeMap, HashMap};",
        "let now = Instant::now();",
        "let home = std::env::var(\"HOME\");",
        "use std::{env, fs};",
        "let home = env::var_os(\"HOME\");",
        "#[allow(clippy::disallowed_methods)]",
    ] {
        assert!(!unsteady(offender).is_empty(), "{offender}");
    }
    for harmless in ["let map: FxHashMap<u32, f64>; // not y.ln()", "let v = env!(\"V\");"] {
        assert!(unsteady(harmless).is_empty(), "{harmless}");
    }
}

#[test]
fn clippy_is_told_of_all_of_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let clippy = fs::read_to_string(root.join("clippy.toml")).expect("it is there");
    for name in FLOATS {
        assert!(clippy.contains(&format!("path = \"f64::{name}\"")), "{name}");
    }
    for path in OTHERS {
        assert!(clippy.contains(&format!("path = \"{path}")), "{path}");
    }
    let cargo = fs::read_to_string(root.join("Cargo.toml")).expect("it is there");
    for lint in ["disallowed_methods", "disallowed_types", "iter_over_hash_type"] {
        assert!(cargo.contains(&format!("{lint} = \"warn\"")), "{lint}");
    }
    let ci = fs::read_to_string(root.join(".ci/run")).expect("it is there");
    assert!(ci.contains("clippy --locked --all-targets --all-features -- -D warnings"));
}

#[test]
fn digests_are_the_committed_ones_with_any_number_of_threads() {
    let (code, printed) = printed(&["digests", "--jobs", "3"]);
    assert!(!printed.contains(" threads"), "the number of threads shows:\n{printed}");
    let lines = printed.lines().filter_map(|line| line.split("  differs").next());
    let now: String = lines.map(|line| format!("{line}\n")).collect();
    if let Some(change) = change_of(FILE, &format!("{NOTE}{now}")) {
        panic!("{change}");
    }
    assert_eq!(code, Some(0), "{printed}");
    assert!(PROMISED.starts_with(NOTE));
}

#[test]
fn the_first_event_that_differs_is_named() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("determinism");
    fs::create_dir_all(&folder).expect("writable");
    // Another build that takes every scenario for one with another read share.
    let other = folder.join("other");
    let script = format!(
        "#!/bin/sh\ncommand=$1; shift\nexec {} \"$command\" --set workload.read_share=0.9001 \"$@\"\n",
        env!("CARGO_BIN_EXE_stalelab")
    );
    fs::write(&other, script).expect("writable");
    let made = Command::new("chmod").arg("+x").arg(&other).status().expect("chmod");
    assert!(made.success());
    let other = other.to_str().expect("UTF-8");
    let short = ["--set", "duration=2s", "--set", "warmup=0s", "--set", "workload.read_share=0.9"];
    let same = printed(&[&["verify", "delete-race"], &short[..]].concat());
    assert!(same.0 == Some(0) && same.1.starts_with("identical"), "{same:?}");
    let short = &short[..4];
    let (code, text) = printed(&[&["verify", "delete-race", "--with", other], short].concat());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("first differing event of variant delete on write, replication 1"));
    let (_, told) = text.split_once("first differing event").expect("it is told");
    let events: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once(": ").filter(|(who, _)| who.starts_with("  ")))
        .map(|(_, event)| event.trim_start())
        .collect();
    let [before @ .., first, second] = &events[..] else { panic!("{text}") };
    assert!(before.len() <= 1 && first != second && !first.is_empty(), "{text}");
    let (code, _) = printed(&[&["verify", "delete-race", "--with", "/bin/true"], short].concat());
    assert_eq!(code, Some(3), "it wrote no files");
    // The log itself has what is named.
    let log = printed(&[&["events", "delete-race"], short].concat());
    assert!(log.1.lines().any(|line| line == *first), "{first}");
}
