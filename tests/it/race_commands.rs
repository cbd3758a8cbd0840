//! `explore`, `replay`, `export` and `matrix` from the command line.

use std::process::{Command, Stdio};

use crate::command::{STALELAB, stalelab};
use crate::golden::assert_golden;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

const RACE: &str = "\
strategy: delete-on-write
a: read x
b: write x

a: cache.get x -> miss
a: db.read x -> v0
b: db.write x -> v1
b: cache.delete x
a: cache.set x v0

violates: convergence
";

#[test]
fn the_exit_code_says_how_a_search_ended() {
    let small = ["--readers", "1", "--writers", "1", "--requests", "1"];
    for (rest, code, says) in [
        (&["--property", "no-dirty-read"][..], 0, "proved within these bounds"),
        (&["--property", "convergence"], 1, "violated in 5 steps"),
        (&["--property", "monotonic-reads"], 4, "not exercised: needs"),
        (&["--max-states", "3"], 4, "cut short"),
        (&[], 0, "transitions"),
        (&["--writers", "0"], 4, "not exercised"),
    ] {
        let small = if rest.contains(&"--writers") { &small[..2] } else { &small[..] };
        let args = [&["explore", "delete-on-write"][..], small, rest].concat();
        let output = stalelab(&args, "");
        assert_eq!(output.status.code(), Some(code), "{rest:?}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains(says), "{rest:?}: {}", text(&output.stdout));
    }
}

#[test]
fn the_line_that_plays_a_schedule_again_does() {
    let folder = std::env::temp_dir().join(format!("stalelab-again-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("writable");
    let replay = |printed: &[u8]| {
        let printed = text(printed);
        let line = printed.lines().find_map(|line| line.strip_prefix("replay: stalelab "));
        line.expect("a ladder ends with it").to_owned()
    };
    let other = RACE.replace("strategy: delete-on-write", "strategy: lease");
    let nameless = RACE.replace("strategy: delete-on-write\n", "");
    for (name, schedule) in [("other.txt", other), ("nameless.txt", nameless)] {
        let path = folder.join(name);
        std::fs::write(&path, schedule).expect("writable");
        let path = path.to_str().expect("UTF-8");
        let first = stalelab(&["replay", path, "--strategy", "delete-on-write"], "");
        let line = replay(&first.stdout);
        let again = stalelab(&line.split_whitespace().collect::<Vec<_>>(), "");
        assert_eq!(text(&first.stdout), text(&again.stdout), "{line}");
    }
    std::fs::remove_dir_all(&folder).expect("it was written");
    let piped = replay(&stalelab(&["replay", "-"], RACE).stdout);
    assert_eq!(piped, "replay -  # with the schedule on standard input");
    let args = ["explore", "ttl-only", "--requests", "1", "--max-states", "9000", "--no-symmetry"];
    let args = [&args[..], &["--property", "no-stale-read"]].concat();
    let explored = stalelab(&args, "");
    let line = replay(&explored.stdout);
    assert!(line.contains("--max-states 9000 --no-symmetry"), "{line}");
    let again = stalelab(&line.split_whitespace().collect::<Vec<_>>(), "");
    assert_eq!(text(&explored.stdout), text(&again.stdout));
}

#[test]
fn a_search_without_a_counterexample_says_what_it_found_in_every_form() {
    let nothing = ["explore", "no-cache", "--requests", "1", "--property", "convergence"];
    for form in ["schedule", "mermaid", "plantuml", "rust", "html", "svg", "png"] {
        let output = stalelab(&[&nothing[..], &["--as", form]].concat(), "");
        assert_eq!(output.status.code(), Some(4), "{form}");
        assert!(output.stdout.is_empty(), "{form}");
        assert!(text(&output.stderr).contains("– convergence        not exercised"), "{form}");
    }
    let violated = ["explore", "delete-on-write", "--requests", "1", "--property", "convergence"];
    let output = stalelab(&[&violated[..], &["--as", "schedule"]].concat(), "");
    assert!(text(&output.stdout).contains("\nstrategy: delete-on-write\n"));
    assert!(text(&output.stderr).contains("violated in 5 steps"), "{}", text(&output.stderr));
}

#[test]
fn how_long_a_search_took_is_told_beside_the_result() {
    let args = ["explore", "lease", "--requests", "1", "-j", "100000"];
    let args = [&args[..], &["--readers", "1", "--writers", "0"]].concat();
    let (first, again) = (stalelab(&args, ""), stalelab(&args, ""));
    assert_eq!(first.stdout, again.stdout);
    assert!(text(&first.stderr).contains(" s, "), "{}", text(&first.stderr));
    assert!(text(&first.stderr).ends_with(" ns a state\n"), "{}", text(&first.stderr));
    assert!(text(&first.stdout).contains("of 1 session, 1 request, 1 key, 1 cache\n"));
}

/// Whether a process handles Ctrl-C: bit 2 of what it catches.
#[cfg(target_os = "linux")]
fn handles_interrupts(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(caught.expect("it is told").trim(), 16);
    caught.expect("a number") & 2 != 0
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_cuts_a_search_short() {
    let large = ["--readers", "8", "--writers", "8", "--requests", "4"];
    for (args, says) in [
        (&[&["explore", "lease"][..], &large].concat()[..], "cut short at"),
        (&["matrix"], "cut short at "),
    ] {
        let mut command = Command::new(STALELAB);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        while !handles_interrupts(child.id()) {
            std::thread::yield_now();
        }
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130), "{args:?}: {}", text(&output.stderr));
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(told.contains(says), "{args:?}: {told}");
    }
}

#[test]
fn what_is_proved_of_several_keys_or_caches_says_who_asked_for_what_where() {
    let args = ["--readers", "1", "--writers", "1", "--keys", "2", "--caches", "2"];
    let output = stalelab(&[&["explore", "delete-on-write"][..], &args].concat(), "");
    let shown = text(&output.stdout);
    let plans = "  a: read x, read y (cache 1); b: write x, read x (cache 2)\n";
    assert!(shown.contains(plans), "{shown}");
    let output = stalelab(&["explore", "delete-on-write", "--writers", "1"], "");
    assert!(!text(&output.stdout).contains("a: read x,"));
}

#[test]
fn there_is_no_way_back_from_the_first_violation_and_the_mark_names_it() {
    let args = ["--requests", "1", "--property", "no-stale-read", "--as", "schedule"];
    let found = stalelab(&[&["explore", "update-on-write"][..], &args].concat(), "");
    let replayed = text(&stalelab(&["replay", "-"], &text(&found.stdout)).stdout);
    assert!(replayed.starts_with("no-stale-read: "), "{replayed}");
    assert!(replayed.contains("! no-stale-read unavoidable from here on\n"), "{replayed}");
    assert!(!replayed.contains("convergence, avoidable"), "{replayed}");
}

#[test]
fn what_cannot_be_explored_is_refused_with_a_way_out() {
    for (args, says) in [
        (&["explore", "versoned"][..], "versioned"),
        (&["explore", "lease", "--property", "convergance"], "accepted: no-stale-read"),
        (&["explore", "lease", "--readers", "40"], "must be 1 to 16"),
        (&["explore", "lease", "--readers", "18446744073709551615"], "must be 1 to 16"),
        (&["explore", "lease", "--keys", "0"], "--keys must be 1 to 4"),
        (&["explore", "lease", "--crash", "99"], "at most 16 faults"),
        (&["explore", "{ lease = { term = 5 } }"], "term"),
        (&["explore", "lease", "--max-states", "0"], "--max-states"),
    ] {
        let output = stalelab(args, "");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(says), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_schedule_is_played_and_held_against_its_claim() {
    let played = stalelab(&["replay", "-"], RACE);
    assert_eq!(played.status.code(), Some(0), "{}", text(&played.stderr));
    assert!(text(&played.stdout).contains("✗ convergence"));
    for (text_of, code, says) in [
        (RACE.replace("b: cache.delete x", "b: cache.set x"), 1, "8:4: step 4 does not fit"),
        (RACE.replace("convergence", "no-lost-write"), 1, "violates convergence"),
        (RACE.replace("a: read x", "a; read x"), 2, "-:2:1: `a; read x` has no colon"),
        (
            RACE.replace("a: read x", "a: raed x"),
            2,
            "-:2:4: `raed x` is not a request\n  help: `read KEY` or",
        ),
        (RACE.replace("-on-write", "-on-right"), 2, "-:1:11: no such strategy"),
        (RACE.replace("a: db.read x", "a: db.write x"), 1, "possible there: `a: db.read x`"),
        (
            RACE.replace("a: db.read x", "a: db.write x"),
            1,
            "or a fault: `a: give up db.read x`, `a: give up after",
        ),
        (RACE.replace("strategy: delete-on-write\n", ""), 2, "names no strategy"),
        (RACE.replace("delete-on-write", "delete-on-right"), 2, "delete-on-write"),
        (String::new(), 2, "nobody takes part"),
    ] {
        let output = stalelab(&["replay", "-"], &text_of);
        assert_eq!(output.status.code(), Some(code), "{text_of}");
        assert!(text(&output.stderr).contains(says), "{says}: {}", text(&output.stderr));
    }
    let missing = stalelab(&["replay", "no/such/file.txt"], "");
    assert_eq!(missing.status.code(), Some(3));
}

#[test]
fn a_schedule_goes_into_every_form_and_comes_back() {
    let export = |form| text(&stalelab(&["export", "-", "--as", form], RACE).stdout);
    let again = stalelab(&["replay", "-"], &export("schedule"));
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(export("mermaid").starts_with("sequenceDiagram\n    participant a as reader a\n"));
    assert!(export("plantuml").ends_with("@enduml\n"));
    assert!(export("rust").starts_with("#[test]\nfn delete_on_write_violates_convergence() {"));
    let json: serde_json::Value = serde_json::from_str(&export("json")).expect("JSON");
    assert_eq!(json["steps"].as_array().map(Vec::len), Some(5));
    assert_eq!(json["steps"][4]["violated"][0], "convergence");
}

/// What `export --as rust` prints, as it stands.
#[test]
fn delete_on_write_violates_convergence() {
    stalelab::testing::race(
        r#"
        # reader a filled v0, which it had read before writer b committed v1, after b's
        # cache.delete had passed.
        strategy: delete-on-write
        a: read x
        b: write x

        a: cache.get x -> miss
        a: db.read x -> v0
        b: db.write x -> v1
        b: cache.delete x
        a: cache.set x v0

        violates: convergence
        "#,
    )
    .must_violate();
}

#[test]
fn the_test_above_is_the_one_that_is_exported() {
    let exported = text(&stalelab(&["export", "-", "--as", "rust"], RACE).stdout);
    let source = include_str!("race_commands.rs");
    assert!(source.contains(exported.trim_end()), "{exported}");
}

#[test]
fn a_search_as_json_is_one_document() {
    for (args, races) in [(&["--requests", "1"][..], 2), (&["--writers", "0"], 1)] {
        let output =
            stalelab(&[&["explore", "delete-on-write", "--as", "json"], args].concat(), "");
        let document: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("one document");
        assert_eq!(document["verdicts"].as_array().map(Vec::len), Some(8));
        let found = document["counterexamples"].as_array().expect("a list");
        assert!(found.len() >= races, "{document:#}");
        assert!(document["states"].as_u64() > Some(0) && document["complete"] == true);
        assert!(found.iter().all(|race| race["steps"].as_array().is_some()));
    }
}

#[test]
fn a_race_is_drawn_on_its_own_or_into_a_folder() {
    let svg = stalelab(&["export", "-", "--as", "svg", "--theme", "dark"], RACE);
    assert!(svg.status.success() && svg.stdout.starts_with(b"<svg"), "{}", text(&svg.stderr));
    let png = stalelab(&["replay", "-", "--as", "png", "--size", "square"], RACE);
    assert!(png.stdout.starts_with(b"\x89PNG"), "{}", text(&png.stderr));
    let many = stalelab(&["explore", "delete-on-write", "--as", "svg"], "");
    assert_eq!(many.status.code(), Some(2));
    assert!(text(&many.stderr).contains("give --save DIR"), "{}", text(&many.stderr));
    let folder = std::env::temp_dir().join(format!("stalelab-drawn-{}", std::process::id()));
    let place = folder.to_str().expect("UTF-8");
    let saved = stalelab(&["explore", "delete-on-write", "--as", "svg", "--save", place], "");
    assert!(text(&saved.stderr).contains("delete-on-write.convergence.svg"));
    assert!(folder.join("delete-on-write.convergence.svg").exists());
    assert!(folder.join("delete-on-write.convergence.txt").exists());
    std::fs::remove_dir_all(&folder).expect("it was written");
    let wrong = stalelab(&["export", "-", "--as", "svg", "--size", "huge"], RACE);
    assert!(text(&wrong.stderr).contains("1920x1080, 1200x630, square"), "{}", text(&wrong.stderr));
    // More steps than are readable at once.
    let steps = "b: db.write x\nb: cache.delete x\n".repeat(10);
    let plan = ["write x"; 10].join(", ");
    let long = format!("strategy: delete-on-write\na: read x\nb: {plan}\n\n{steps}");
    let long = stalelab(&["export", "-", "--as", "svg"], &long);
    assert!(text(&long.stderr).contains("20 steps are too many for one picture"));
}

#[test]
fn what_is_saved_can_be_replayed() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("saved-races");
    let folder = folder.to_str().expect("UTF-8");
    let explored = stalelab(&["explore", "versioned", "--requests", "1", "--save", folder], "");
    let printed = text(&explored.stdout);
    let commands: Vec<&str> =
        printed.lines().filter_map(|line| line.strip_prefix("replay: stalelab ")).collect();
    assert!(!commands.is_empty(), "{printed}");
    for command in commands {
        let replayed = stalelab(&command.split_whitespace().collect::<Vec<_>>(), "");
        assert_eq!(replayed.status.code(), Some(0), "{command}: {}", text(&replayed.stderr));
    }
}

const LOAD: &str = r#"
duration = "10s"
replications = 2
workload = { arrivals = { poisson = { rate = 300.0 } }, read_share = 0.8, keys = 20 }
cache.link = { exponential = "1ms" }
database.read = { exponential = "30ms" }

[[variant]]
name = "fresh"
strategy = { no-cache = {} }

[[variant]]
name = "deletes"
strategy = { delete-on-write = {} }
"#;

#[test]
fn a_stale_read_is_explained_by_its_smallest_race() {
    let output = stalelab(&["explain-race", "-"], LOAD);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_golden("races/explained.txt", &text(&output.stdout));
    let again = stalelab(&["explain-race", "-", "--cause", "in-flight-invalidation"], LOAD);
    let again = text(&again.stdout);
    assert!(again.replace('\n', " ").contains("b had not told the cache yet"), "{again}");
    assert!(again.contains("This breaks no promise"), "{again}");
    assert!(again.contains("--variant deletes --cause in-flight-invalidation"), "{again}");
}

#[test]
fn an_explained_race_is_saved_and_played_again() {
    let folder = std::env::temp_dir().join(format!("stalelab-explained-{}", std::process::id()));
    let args = ["explain-race", "-", "--acknowledged", "--as", "schedule", "--save"];
    let output = stalelab(&[&args[..], &[&folder.to_string_lossy()]].concat(), LOAD);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let saved = folder.join("delete-on-write.no-stale-read.txt");
    assert_eq!(std::fs::read_to_string(&saved).expect("it was saved"), text(&output.stdout));
    let replayed = stalelab(&["replay", &saved.to_string_lossy()], "");
    assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed.stderr));
    std::fs::remove_dir_all(&folder).expect("it was written");
}

#[test]
fn what_is_not_stale_cannot_be_explained() {
    for (args, code, says) in [
        (&["--variant", "fresh"][..], 4, "is stale: not seen, not impossible"),
        (&["--cause", "replica-lag"], 4, "is `replica-lag`: not seen"),
        (&["--cause", "late"], 2, "one of ttl-window, in-flight-invalidation"),
        (&["--variant", "stale"], 2, "no variant is called stale; there are fresh, deletes"),
        (&["--set", "duration=never"], 2, "duration"),
    ] {
        let output = stalelab(&[&["explain-race", "-"], args].concat(), LOAD);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(says), "{args:?}: {}", text(&output.stderr));
    }
}
