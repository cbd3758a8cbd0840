//! Charts for slides, drawn from the files a run left and from nothing else, so that drawing them
//! with the run or long after gives the same bytes.
//!
//! A title states what was found, with its number, only if the replications show it; else it only
//! names what is measured. Intervals are always drawn, and no event in n is an upper bound. What
//! is computed of a run is what titles claim: paired differences and ratios of variants, the ages
//! that a share of reads exceeds, and how far a fault's surge rises above what was before.

mod ages;
mod claims;
mod cost;
mod explored;
mod frame;
mod freshness;
mod labels;
mod latency;
mod lines;
mod named;
mod page;
mod parameters;
mod plot;
mod reading;
mod recovery;
mod rows;
mod run;
mod scale;
mod schedules;
mod scorecard;
mod stale_keys;
mod stale_reads;
mod timeline;
mod words;

use std::fmt;

use crate::picture::{Drawing, Style};

pub use explored::{Explored, Proof, Search, Violation};
pub use rows::UnreadableRun;
pub use run::Run;

/// Why a chart was not drawn: a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDrawn(pub String);

impl fmt::Display for NotDrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be drawn of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stale reads by strategy.
    StaleReads,
    /// How old stale reads are.
    StaleAges,
    /// Read latency by percentile.
    Latency,
    /// How fresh reads are after a write.
    Freshness,
    /// Stale reads against read latency.
    CostLatency,
    /// Stale reads against database load.
    CostLoad,
    /// What happened when.
    Timeline,
    /// Which keys were stale when.
    StaleKeys,
    /// Variants against anomalies.
    Scorecard,
    /// Schedules explored against promises found broken.
    Schedules,
}

impl Kind {
    /// All of them, in the order they are drawn.
    pub const ALL: [Kind; 10] = [
        Kind::StaleReads,
        Kind::StaleAges,
        Kind::Latency,
        Kind::Freshness,
        Kind::CostLatency,
        Kind::CostLoad,
        Kind::Timeline,
        Kind::StaleKeys,
        Kind::Scorecard,
        Kind::Schedules,
    ];

    /// Its name on the command line, and its file's.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::StaleReads => "stale-reads",
            Kind::StaleAges => "stale-ages",
            Kind::Latency => "latency",
            Kind::Freshness => "freshness",
            Kind::CostLatency => "cost-latency",
            Kind::CostLoad => "cost-load",
            Kind::Timeline => "timeline",
            Kind::StaleKeys => "stale-keys",
            Kind::Scorecard => "scorecard",
            Kind::Schedules => "schedules",
        }
    }

    /// Whether it shows what exploring the strategies told, beside what the run did.
    pub const fn is_of_exploring(self) -> bool {
        matches!(self, Kind::Scorecard | Kind::Schedules)
    }

    /// The chart of this name.
    pub fn find(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Draws a chart of a run.
///
/// # Errors
/// If there is nothing to draw, why.
pub fn draw(kind: Kind, run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    match kind {
        Kind::StaleReads => stale_reads::draw(run, style),
        Kind::StaleAges => ages::draw(run, style),
        Kind::Latency => latency::draw(run, style),
        Kind::Freshness => freshness::draw(run, style),
        Kind::CostLatency => cost::draw(run, style, cost::Cost::Latency),
        Kind::CostLoad => cost::draw(run, style, cost::Cost::Load),
        Kind::Timeline => timeline::draw(run, style),
        Kind::StaleKeys => stale_keys::draw(run, style),
        Kind::Scorecard => scorecard::draw(run, style),
        Kind::Schedules => schedules::draw(run, style),
    }
}
