//! The HTML report: whole, alike each time, and of nothing but itself. What it does in a browser is
//! tested in one, with `--features browser-tests`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names and titles that would be markup if they were taken as it.
const HOSTILE: &str = r#"
    title = "</script><script>alert(1)</script>"
    summary = "<img src=x onerror=alert(2)> & \"quotes\""
    duration = "20s"
    warmup = "1s"
    replications = 2

    [workload]
    clients = 10
    arrivals = { poisson = { rate = 200.0 } }
    read_share = 0.9
    keys = 5

    [[variant]]
    name = "<b>ttl</b> & \"co\""
    strategy = { ttl-only = { ttl = "2s" } }

    [[variant]]
    name = "'none'"
    strategy = { no-cache = {} }
"#;

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webpage").join(name);
    fs::create_dir_all(&path).expect("a folder");
    path
}

/// The report on a run of this scenario.
fn report(name: &str, scenario: &str, more: &[&str]) -> String {
    let folder = folder(name);
    let file = folder.join("scene.toml");
    fs::write(&file, scenario).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_stalelab"))
        .arg("run")
        .arg(&file)
        .args(["--report", "-q", "-o"])
        .arg(&folder)
        .args(more)
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.join("report.html")).expect("it was written")
}

/// Every address in a page that something could be fetched from.
fn addresses(page: &str) -> Vec<&str> {
    let starts = [" href=\"", " src=\"", " srcset=\"", " action=\"", "url(", "@import "];
    let after = |start: &&str| page.split(*start).skip(1).collect::<Vec<_>>();
    let found = starts.iter().flat_map(after);
    found.map(|rest| rest.split(['"', ')', ';']).next().unwrap_or_default()).collect()
}

#[test]
fn a_report_is_the_same_bytes_each_time_and_on_any_number_of_threads() {
    let once = report("once", HOSTILE, &["-j", "1"]);
    let again = report("again", HOSTILE, &["-j", "2"]);
    assert!(once == again, "reports of the same run differ");
}

#[test]
fn names_are_never_taken_as_markup() {
    let page = report("hostile", HOSTILE, &[]);
    assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("<b>"));
    assert!(page.contains("&lt;b&gt;ttl&lt;/b&gt; &amp;"));
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn a_report_needs_nothing_but_itself() {
    let page = report("alone", HOSTILE, &[]);
    let addresses = addresses(&page);
    assert!(addresses.iter().any(|it| it.starts_with("data:font")), "the fonts are in it");
    let away = |it: &&&str| !it.starts_with('#') && !it.starts_with("data:");
    assert_eq!(addresses.iter().filter(away).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none'"));
    let names = page.matches("http://www.w3.org/2000/svg").count();
    assert_eq!(page.matches("http").count(), names + 1, "names, and one http-equiv");
}

#[test]
fn what_a_page_opens_it_closes() {
    let page = report("closed", HOSTILE, &[]);
    let (body, _) = page.split_once("<script>").expect("one script, at the end");
    let elements = [
        "section", "article", "figure", "details", "table", "tbody", "tr", "dl", "ol", "ul", "div",
        "svg", "dialog", "main", "header",
    ];
    for element in elements {
        let opened = [">", " "].map(|end| body.matches(&format!("<{element}{end}")).count());
        let closed = body.matches(&format!("</{element}>")).count();
        assert_eq!(opened.iter().sum::<usize>(), closed, "<{element}>");
    }
}

#[test]
fn a_run_without_a_stale_read_says_so() {
    let fresh = HOSTILE.replace("{ ttl-only = { ttl = \"2s\" } }", "{ no-cache = {} }");
    let page = report("fresh", &fresh, &[]);
    assert!(page.contains("No read was stale.") && !page.contains("<article"));
}
