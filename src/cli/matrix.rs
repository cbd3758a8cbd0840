//! `stalelab matrix`: every built-in strategy against every property, under several kinds of
//! faults.

use std::num::NonZeroUsize;

use clap::Args;
use stalelab::explorer::{Options, Verdict};
use stalelab::scenario::strategy;
use stalelab::schedule::{Faults, Property, Scene};
use stalelab::strategies::ALL;

use super::cast;
use super::exit::{Exit, Failure};
use super::explore::{Exploring, pace};
use super::{interrupt, output, threads};

/// Explore every built-in strategy under several kinds of faults, and print the table
#[derive(Args, Debug)]
pub(crate) struct Matrix {
    /// Print Markdown, as it stands in the README
    #[arg(long)]
    markdown: bool,
    /// Threads [default: as many as cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// The scenes of the table: two readers and two writers that read back, one key, one cache.
fn scenes() -> [(&'static str, Scene); 5] {
    let scene = || Scene::new(2, 2, 2, 1);
    let none = Faults::default();
    [
        ("no faults", scene()),
        ("evict + expire", scene().with(Faults { evict: 1, expire: 1, ..none })),
        ("crash", scene().with(Faults { crash: 1, ..none })),
        ("lost invalidation", scene().with(Faults { lose: 1, ..none })),
        ("replica lag", scene().with_replicas(1)),
    ]
}

impl Matrix {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let (table, took) = threads::timed(|| threads::with(self.jobs, || self.table()));
        let (text, states, complete) = table??;
        output::print(&text)?;
        output::chat(&pace(states, took));
        Ok(if complete { Exit::Ok } else { Exit::Inconclusive })
    }

    /// The table, the states it took, and whether all searches were finished.
    fn table(&self) -> Result<(String, u64, bool), Failure> {
        let mut text = String::new();
        let (mut complete, mut all_states) = (true, 0);
        for (name, scene) in scenes() {
            let mut states = 0;
            let mut rows = Vec::new();
            for info in ALL {
                let choice = strategy(info.name).expect("a built-in by its name");
                let exploring = Exploring { scene: &scene, options: &Options::default() };
                let found = choice
                    .visit(exploring)
                    .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
                if interrupt::requested() {
                    let at = format!("{name}, {}, {} states", info.name, found.states);
                    return Err(Failure::new(Exit::Interrupted, format!("cut short at {at}")));
                }
                complete &= found.complete;
                states += found.states;
                let cells = Property::ALL.map(|property| cell(found.verdict(property)));
                rows.push((info.name, cells));
            }
            all_states += states;
            let bounds = cast::bounds(&scene);
            let title = format!("{name}: {bounds}; {states} states");
            text.push_str(&if self.markdown {
                markdown(&title, &rows)
            } else {
                plain(&title, &rows)
            });
        }
        text.push_str(
            "✗n violated, by a shortest schedule of n steps; ✓ proved within these bounds; – not \
             exercised; ? cut short.\n",
        );
        Ok((text, all_states, complete))
    }
}

type Row = (&'static str, [String; Property::ALL.len()]);

fn cell(verdict: Verdict) -> String {
    match verdict {
        Verdict::Proved => "✓".to_owned(),
        Verdict::Violated(steps) => format!("✗{steps}"),
        Verdict::NotExercised => "–".to_owned(),
        Verdict::CutShort => "?".to_owned(),
    }
}

/// What stands above a column: short, since a row has to fit.
fn heading(property: Property) -> &'static str {
    match property {
        Property::NoStaleRead => "stale",
        Property::NoInversion => "inversion",
        Property::ReadYourWrites => "own writes",
        Property::MonotonicReads => "monotonic",
        Property::NoDirtyRead => "dirty",
        Property::NoLostWrite => "lost",
        Property::Convergence => "converges",
        Property::SingleFill => "one fill",
    }
}

fn plain(title: &str, rows: &[Row]) -> String {
    let mut text = format!("{title}\n{:<20}", "");
    for property in Property::ALL {
        text.push_str(&format!(" {:>9}", short(heading(property))));
    }
    text.push('\n');
    for (name, cells) in rows {
        text.push_str(&format!("{name:<20}"));
        cells.iter().for_each(|cell| text.push_str(&format!(" {cell:>9}")));
        text.push('\n');
    }
    text + "\n"
}

fn short(heading: &str) -> &str {
    if heading == "own writes" { "own wr." } else { heading }
}

fn markdown(title: &str, rows: &[Row]) -> String {
    let headings: Vec<&str> = Property::ALL.into_iter().map(heading).collect();
    let mut text = format!("**{title}**\n\n| | {} |\n", headings.join(" | "));
    text.push_str(&format!("| --- |{}\n", " --- |".repeat(headings.len())));
    for (name, cells) in rows {
        text.push_str(&format!("| `{name}` | {} |\n", cells.join(" | ")));
    }
    text + "\n"
}
