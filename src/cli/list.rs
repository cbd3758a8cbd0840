//! `stalelab list`: what there is to run, to choose and to measure.

use anstyle::Style;
use clap::{Args, ValueEnum};
use stalelab::metrics::METRICS;
use stalelab::report::hanging;
use stalelab::scenario::{FAULTS, builtin, parse};
use stalelab::strategies;

use super::exit::{Exit, Failure};
use super::output;

/// List built-in scenarios, strategies, faults and metrics
#[derive(Args, Debug)]
pub(crate) struct List {
    /// What to list [default: everything]
    #[arg(value_enum)]
    section: Option<Section>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Scenarios that run by name
    Scenarios,
    /// Caching strategies a variant can name
    Strategies,
    /// What a [[fault]] can break
    Faults,
    /// What is measured, and an [[expect]] can check
    Metrics,
}

impl List {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let chosen = self.section.as_ref().map_or(Section::value_variants(), std::slice::from_ref);
        let sections: Vec<String> = chosen.iter().map(|section| render(*section)).collect();
        output::print(&sections.join("\n"))?;
        Ok(Exit::Ok)
    }
}

fn render(section: Section) -> String {
    const BOLD: Style = Style::new().bold();
    let (title, entries) = match section {
        Section::Scenarios => ("Scenarios (stalelab run NAME)", scenarios()),
        Section::Strategies => ("Strategies (stalelab explain NAME)", {
            let all = strategies::ALL.iter();
            all.map(|info| (info.name, info.summary.to_owned())).collect()
        }),
        Section::Faults => ("Faults", {
            FAULTS.iter().map(|(name, effect)| (*name, (*effect).to_owned())).collect()
        }),
        Section::Metrics => ("Metrics", {
            let entry = |unit: &str, definition| format!("[{unit}] {definition}");
            METRICS.iter().map(|m| (m.name, entry(m.unit, m.definition))).collect()
        }),
    };
    let width = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 4;
    let mut text = format!("{BOLD}{title}{BOLD:#}\n");
    for (name, what) in entries {
        text.push_str(&hanging(&format!("  {name}"), width, &what));
    }
    text
}

/// Name, and title with summary, of each built-in scenario.
fn scenarios() -> Vec<(&'static str, String)> {
    let entry = |scenario: &builtin::BuiltinScenario| {
        let input = builtin::input(scenario.name)?;
        let found = parse(&input, &[]).ok()?.scenario;
        let stop = if found.title.ends_with(['.', '?', '!']) { "" } else { "." };
        Some((scenario.name, format!("{}{stop} {}", found.title, found.summary)))
    };
    builtin::SCENARIOS.iter().filter_map(entry).collect()
}
