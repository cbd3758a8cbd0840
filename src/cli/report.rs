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
use super::{counterexamples, interrupt, proofs};

/// Its file's name.
pub(crate) const NAME: &str = "report.html";

/// So many races of the run are told, and so many counterexamples. Nobody steps through more.
const RACES_MOST: usize = 12;
const COUNTEREXAMPLES_MOST: usize = 6;

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
    /// Its place among those of its variant, the most frequent first.
    rank: usize,
}

/// The smallest race behind one of them.
struct Telling {
    variant: usize,
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
        for sort in chosen(&sorts) {
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
        let explored = proofs::explored(self.files)?;
        let is_told = |variant: usize, property: Property| {
            tellings.iter().any(|it| it.variant == variant && it.violates.contains(&property))
        };
        let shortest = counterexamples::untold(self.comparison, &explored, is_told);
        let shown = shortest.iter().take(COUNTEREXAMPLES_MOST).map(|it| Told {
            heading: &it.heading,
            origin: &it.origin,
            race: it.race(),
        });
        let told = told.chain(shown).collect();
        let mut left_out =
            left_out(sorts.len(), untold, (self.comparison.variants.len(), &self.unmeasured()));
        if shortest.len() > COUNTEREXAMPLES_MOST {
            left_out.push_str(&format!(
                " {COUNTEREXAMPLES_MOST} of {} counterexamples are shown. The others: stalelab \
                 explore.",
                shortest.len()
            ));
        }
        let run = self.files.clone().with_explored(proofs::told(&explored));
        Ok(webpage::report(self.header, self.comparison, &run, &Races { told, left_out }))
    }

    /// The kinds of stale reads that were seen: the most frequent one of each variant, then the
    /// second of each, and so on, until there are enough; those of a variant together.
    fn sorts(&self) -> Vec<Sort> {
        let mut sorts = Vec::new();
        for (variant, summary) in self.comparison.variants.iter().enumerate() {
            let shares = Cause::ALL.into_iter().filter_map(|cause| {
                let share = summary.estimate(&format!("stale_cause.{cause}"))?.mean;
                (share > 0.0).then_some((share, cause))
            });
            let mut of_variant: Vec<(f64, Cause)> = shares.collect();
            of_variant.sort_by(|a, b| b.0.total_cmp(&a.0));
            let ranked = of_variant.into_iter().enumerate();
            sorts.extend(ranked.map(|(rank, (_, cause))| Sort { variant, cause, rank }));
        }
        sorts
    }

    /// The variants whose reads could not be judged: none succeeded, or there is no steady state.
    fn unmeasured(&self) -> Vec<&str> {
        let variants = self.comparison.variants.iter();
        let none = variants.filter(|it| it.estimate("stale_read_ratio").is_none());
        none.map(|it| it.name.as_str()).collect()
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
            moments: &incident.moments,
        };
        let unavoidable = variant.strategy.visit(&shown);
        let which = format!("--variant {} --cause {}", quoted(&variant.name), sort.cause);
        Ok(Some(Telling {
            variant: sort.variant,
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
            moments: &self.incident.moments,
            replay: &self.replay,
        }
    }
}

/// Those that are told: of each variant one before any has two, in the order they are in.
fn chosen(sorts: &[Sort]) -> Vec<&Sort> {
    let mut chosen: Vec<&Sort> = sorts.iter().collect();
    chosen.sort_by_key(|sort| sort.rank);
    chosen.truncate(RACES_MOST);
    chosen.sort_by_key(|sort| (sort.variant, sort.rank));
    chosen
}

/// What is not told, in sentences. `unmeasured`: of so many variants, those without a share of
/// stale reads.
fn left_out(sorts: usize, untold: usize, (variants, unmeasured): (usize, &[&str])) -> String {
    let mut text = match (sorts, unmeasured.len()) {
        (0, none) if none == variants => String::new(),
        (0, 0) => "No read was stale. ".to_owned(),
        (0, _) => "No other read was stale. ".to_owned(),
        _ => String::new(),
    };
    if !unmeasured.is_empty() {
        let whose = if unmeasured.len() == variants {
            "any variant".to_owned()
        } else {
            unmeasured.join(", ")
        };
        let known = format!(
            "Nothing is known about stale reads of {whose}: no read succeeded, or there was no \
             steady state. "
        );
        text = known + &text;
    }
    if sorts > RACES_MOST {
        text.push_str(&format!(
            "{sorts} kinds of stale reads were seen; {RACES_MOST} are told here, one of each \
             variant first. The others: stalelab explain-race. "
        ));
    }
    if untold > 0 {
        text.push_str(&format!(
            "Of {untold} kinds no few requests make a race of that cause, so they are not told. "
        ));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_told_before_one_is_told_twice() {
        let sorts: Vec<Sort> = (0..9)
            .flat_map(|variant| {
                let causes = Cause::ALL.into_iter().take(2).enumerate();
                causes.map(move |(rank, cause)| Sort { variant, cause, rank })
            })
            .collect();
        let chosen = chosen(&sorts);
        let places: Vec<(usize, usize)> = chosen.iter().map(|it| (it.variant, it.rank)).collect();
        assert_eq!(places.len(), RACES_MOST);
        assert!((0..9).all(|variant| places.contains(&(variant, 0))), "{places:?}");
        assert!(places.is_sorted());
    }

    #[test]
    fn reads_that_failed_are_not_said_to_be_fresh() {
        assert_eq!(left_out(0, 0, (2, &[])), "No read was stale.");
        let all = left_out(0, 0, (2, &["a", "b"]));
        assert!(all.starts_with("Nothing is known") && !all.contains("No "), "{all}");
        let one = left_out(0, 0, (2, &["b"]));
        assert!(one.contains("of b: ") && one.ends_with("No other read was stale."), "{one}");
        assert!(left_out(18, 0, (9, &[])).contains("12 are told here"));
    }
}
