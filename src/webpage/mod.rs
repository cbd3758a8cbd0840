//! The report as one HTML file: tables, charts, what was simulated, and races to step through.
//!
//! It works from a folder, with no network, which its Content-Security-Policy forbids, and with
//! JavaScript off: every picture is in it, every state of every race is in a table, and the script
//! only walks through that table. Texts of pictures are set in the fonts embedded here.
//!
//! Nothing here simulates, explores or measures.
//!
//! Rejected: a document of JSON for the script. What it shows would be in the page twice, and could
//! differ.

mod races;
mod tables;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chart::{self, Kind};
use crate::metrics::Comparison;
use crate::picture::{FAMILY, Size, Style, Theme, Weight, escape};
use crate::report::race::Race;
use crate::report::{Header, sentence};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
const KEYS: &str = include_str!("keys.html");

/// Nothing may be fetched, from anywhere; what is in the page may be used.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
     font-src data:; base-uri 'none'; form-action 'none'";

/// A race, with what a page says of it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Its heading.
    pub heading: &'a str,
    /// Where it comes from, in sentences.
    pub origin: &'a str,
    /// What happened.
    pub race: Race<'a>,
}

/// Races of a run, and what was left out of them.
#[derive(Clone, Debug, Default)]
pub struct Races<'a> {
    /// Those to be shown.
    pub told: Vec<Told<'a>>,
    /// What is not shown, in sentences.
    pub left_out: String,
}

/// The report on a run.
pub fn report(
    header: &Header,
    comparison: &Comparison,
    run: &chart::Run,
    races: &Races<'_>,
) -> String {
    let title = if header.title.is_empty() { &header.name } else { &header.title };
    let mut body = String::new();
    let _ = write!(
        body,
        "<header>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{}</header>\n{}<main>\n",
        escape(title),
        escape(&header.summary),
        provenance(&header.replay, Some(header)),
        navigation(comparison, races),
    );
    body.push_str(&section("results", "What was measured", &results(header, comparison)));
    if !comparison.verdicts.is_empty() {
        body.push_str(&section("expectations", "What was expected", &tables::verdicts(comparison)));
    }
    body.push_str(&section("charts", "Charts", &charts(run)));
    if !races.told.is_empty() || !races.left_out.is_empty() {
        body.push_str(&section("races", "Races, step by step", &races::section(races)));
    }
    body.push_str(&section("scenario", "What was simulated", &tables::parameters(header)));
    body.push_str("</main>\n");
    document(title, &body)
}

/// A page about one race.
pub fn page(told: &Told<'_>) -> String {
    let races = Races { told: vec![*told], left_out: String::new() };
    let what = if told.race.violates.is_empty() { "A schedule" } else { "A race" };
    let title = format!("{what} of {}", told.race.strategy);
    let body = format!(
        "<header>\n<h1>{}</h1>\n{}</header>\n<main>\n{}</main>\n",
        escape(&title),
        provenance(told.race.replay, None),
        races::section(&races),
    );
    document(&title, &body)
}

fn document(title: &str, body: &str) -> String {
    let mut fonts = String::new();
    for weight in Weight::ALL {
        let _ = writeln!(
            fonts,
            "@font-face {{ font-family: \"{FAMILY}\"; font-weight: {}; \
             src: url(data:font/otf;base64,{}) format(\"opentype\"); }}",
            weight.number(),
            STANDARD.encode(weight.bytes()),
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"stalelab {}\">\n\
         <title>{}</title>\n<style>\n{fonts}{STYLE}</style>\n</head>\n<body>\n{body}{KEYS}\
         <footer><p>Texts in pictures are set in {FAMILY}, under the SIL Open Font License 1.1.</p>\
         </footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escape(title),
    )
}

/// Where the figures come from, and how to have them again.
fn provenance(replay: &str, header: Option<&Header>) -> String {
    let run = header.map_or_else(String::new, |header| {
        let many = if header.replications == 1 { "replication" } else { "replications" };
        format!("seed {} · {} {many} · ", header.seed, header.replications)
    });
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<p class=\"provenance\">{run}stalelab {version} · again: <code>{}</code></p>\n",
        escape(replay)
    )
}

fn navigation(comparison: &Comparison, races: &Races<'_>) -> String {
    let parts = [
        ("results", "Results", true),
        ("expectations", "Expectations", !comparison.verdicts.is_empty()),
        ("charts", "Charts", true),
        ("races", "Races", !races.told.is_empty()),
        ("scenario", "Scenario", true),
    ];
    let links = parts.iter().filter(|(.., is_there)| *is_there);
    let links = links.map(|(id, name, _)| format!("<a href=\"#{id}\">{name}</a>"));
    format!("<nav aria-label=\"Parts\">{}</nav>\n", links.collect::<Vec<_>>().join(" "))
}

fn section(id: &str, heading: &str, content: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n\
         <h2 id=\"{id}-heading\">{heading}</h2>\n{content}</section>\n"
    )
}

fn results(header: &Header, comparison: &Comparison) -> String {
    let told = comparison.variants.iter().map(|variant| {
        let notes: Vec<String> = variant
            .notes
            .iter()
            .map(|note| format!(" {}.", escape(note.trim_end_matches('.'))))
            .collect();
        let (name, said) =
            (escape(&variant.name), escape(&sentence(variant)).replace(" %", "&nbsp;%"));
        format!("<dt>{name}</dt><dd>{said}{}</dd>\n", notes.concat())
    });
    format!(
        "<dl>\n{}</dl>\n{}",
        told.collect::<String>(),
        tables::comparison(comparison, header.replications)
    )
}

/// Every chart that there is something to draw of.
fn charts(run: &chart::Run) -> String {
    let drawn = Kind::ALL.into_iter().filter_map(|kind| {
        let picture = |theme| chart::draw(kind, run, Style { theme, size: Size::Card }).ok();
        let (light, dark) = (picture(Theme::Light)?, picture(Theme::Dark)?);
        let (name, both) = (kind.name(), both(&light.svg, &dark.svg));
        let caption = escape(&format!("{}. {}", light.title, light.description));
        Some(format!(
            "<figure id=\"chart-{name}\">{both}<figcaption>{caption}</figcaption></figure>\n"
        ))
    });
    drawn.collect()
}

/// A picture for light and one for dark surroundings.
fn both(light: &str, dark: &str) -> String {
    format!("<div class=\"light\">{light}</div><div class=\"dark\">{dark}</div>")
}
