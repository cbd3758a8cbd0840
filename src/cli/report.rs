//! `stalelab run --report`: the run as one HTML file, with the smallest race behind each kind of
//! stale read it had.

use stalelab::chart::Run as Files;
use stalelab::experiment::Trial;
use stalelab::incident::{Found, Incident, Wanted};
use stalelab::metrics::Comparison;
use stalelab::observation::Cause;
use stalelab::report::Header;
use stalelab::report::race::{self, Race};
use stalelab::scenario::{Scenario, strategy_text};
use stalelab::schedule::Property;
use stalelab::time::Span;
use stalelab::webpage::{self, Races, Told};

use super::args::{ScenarioArgs, quoted};
use super::exit::{Exit, Failure};
use super::explain_race::Looking;
use super::races::Shown;
use super::{interrupt, proofs};

/// Its file's name.
pub(crate) const NAME: &str = "report.html";

/// So many races are told. Nobody steps through more.
const RACES_MOST: usize = 12;

/// A run, with what its report is made of.
pub(crate) struct Reporting<'a> {
    pub(crate) args: &'a ScenarioArgs,
    pub(crate) scenario: &'a Scenario,
    /// The scenario as commands name it, without its folder.
    pub(crate) source: &'a str,
    pub(crate) header: &'a Header,
    pub(crate) comparison: &'a Comparison,
    pub(crate) files: &'a Files,
}

/// A kind of stale read, of one variant.
struct Sort {
    variant: usize,
    cause: Cause,
    share: f64,
}

/// The smallest race behind one of them.
struct Telling {
    heading: String,
    origin: String,
    strategy: String,
    replay: String,
    violates: Vec<Property>,
    unavoidable: Option<usize>,
    incident: Box<Incident>,
}

impl Reporting<'_> {
    /// The page.
    pub(crate) fn page(&self) -> Result<String, Failure> {
        let sorts = self.sorts();
        let mut tellings = Vec::new();
        let mut untold = 0;
        for sort in sorts.iter().take(RACES_MOST) {
            match self.tell(sort)? {
                Some(telling) => tellings.push(telling),
                None => untold += 1,
            }
        }
        let told = tellings.iter().map(|telling| Told {
            heading: &telling.heading,
            origin: &telling.origin,
            race: telling.race(),
        });
        let told = told.collect();
        let left_out = left_out(sorts.len(), untold);
        let run = self.files.clone().with_explored(proofs::of(self.files)?);
        Ok(webpage::report(self.header, self.comparison, &run, &Races { told, left_out }))
    }

    /// The kinds of stale reads that were seen: those of a variant together, most frequent first.
    fn sorts(&self) -> Vec<Sort> {
        let mut sorts = Vec::new();
        for (variant, summary) in self.comparison.variants.iter().enumerate() {
            let shares = Cause::ALL.into_iter().filter_map(|cause| {
                let share = summary.estimate(&format!("stale_cause.{cause}"))?.mean;
                (share > 0.0).then_some(Sort { variant, cause, share })
            });
            let mut of_variant: Vec<Sort> = shares.collect();
            of_variant.sort_by(|a, b| b.share.total_cmp(&a.share));
            sorts.extend(of_variant);
        }
        sorts
    }

    /// Finds the smallest race behind the worst read of a kind, if it can be made of few requests.
    fn tell(&self, sort: &Sort) -> Result<Option<Telling>, Failure> {
        let variant = &self.scenario.variants[sort.variant];
        let internal =
            |error: String| match interrupt::flag().load(std::sync::atomic::Ordering::Relaxed) {
                true => Failure::new(Exit::Interrupted, "interrupted".to_owned()),
                false => Failure::new(Exit::Internal, error),
            };
        let trial = Trial::new(self.scenario, sort.variant, interrupt::flag())
            .map_err(|error| internal(error.to_string()))?;
        let wanted =
            Wanted { cause: Some(sort.cause), acknowledged: false, older_than: Span::ZERO };
        let replications = self.scenario.replications;
        let looking = Looking { trial: &trial, replications, wanted: &wanted };
        let found = variant.strategy.visit(looking).map_err(|error| internal(error.to_string()))?;
        let Found::Race(incident) = found else {
            return Ok(None);
        };
        let strategy = strategy_text(&variant.strategy);
        let violates = incident.violates();
        let shown = Shown {
            strategy: &strategy,
            choice: &variant.strategy,
            scene: &incident.scene,
            steps: &incident.steps,
            violates: &violates,
            sentence: Some(&incident.sentence),
        };
        let unavoidable = variant.strategy.visit(&shown);
        let which = format!("--variant {} --cause {}", quoted(&variant.name), sort.cause);
        Ok(Some(Telling {
            heading: format!("{}: {}", variant.name, sort.cause),
            origin: race::origin(&incident),
            replay: self.args.explain_race(self.source, self.scenario.seed, &which),
            strategy,
            violates,
            unavoidable,
            incident,
        }))
    }
}

impl Telling {
    fn race(&self) -> Race<'_> {
        Race {
            strategy: &self.strategy,
            scene: &self.incident.scene,
            steps: &self.incident.steps,
            violates: &self.violates,
            cause: &self.incident.sentence,
            unavoidable: self.unavoidable,
            replay: &self.replay,
        }
    }
}

/// What is not told, in sentences.
fn left_out(sorts: usize, untold: usize) -> String {
    let mut text = String::new();
    if sorts == 0 {
        return "No read was stale.".to_owned();
    }
    if sorts > RACES_MOST {
        text.push_str(&format!(
            "{sorts} kinds of stale reads were seen; the first {RACES_MOST} are told here. The \
             others: stalelab explain-race. "
        ));
    }
    if untold > 0 {
        text.push_str(&format!(
            "Of {untold} kinds no few requests make a race of that cause, so they are not told. "
        ));
    }
    text.trim_end().to_owned()
}
