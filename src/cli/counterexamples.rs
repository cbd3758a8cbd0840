//! What a run had and none of its own races shows: the shortest way to it of all there are.

use stalelab::explorer::Counterexample;
use stalelab::metrics::Comparison;
use stalelab::report::measured;
use stalelab::report::race::Race;
use stalelab::schedule::{Property, explain};

use super::args::quoted;
use super::cast;
use super::proofs::{Explored, METRICS};
use super::races::Shown;

/// The shortest way to an anomaly of a variant.
pub(crate) struct Shortest<'a> {
    pub(crate) heading: String,
    pub(crate) origin: String,
    explored: &'a Explored,
    counterexample: &'a Counterexample,
    cause: String,
    unavoidable: Option<usize>,
    replay: String,
}

impl Shortest<'_> {
    pub(crate) fn race(&self) -> Race<'_> {
        Race {
            strategy: &self.explored.strategy,
            scene: &self.counterexample.scene,
            steps: &self.counterexample.steps,
            violates: std::slice::from_ref(&self.counterexample.property),
            cause: &self.cause,
            unavoidable: self.unavoidable,
            moments: &[],
            replay: &self.replay,
        }
    }
}

/// The shortest ways to what variants had, and to the promises that are not told to be broken
/// already. What a search did not meet is not told.
pub(crate) fn untold<'a>(
    comparison: &Comparison,
    explored: &'a [Explored],
    is_told: impl Fn(usize, Property) -> bool,
) -> Vec<Shortest<'a>> {
    let mut shortest = Vec::new();
    for it in explored {
        let variant = &comparison.variants[it.variant];
        for (property, metric) in METRICS {
            let seen = variant.estimate(metric).filter(|estimate| estimate.mean > 0.0);
            let found = it.found.counterexamples.iter().find(|it| it.property == property);
            let (Some(seen), Some(counterexample)) = (seen, found) else { continue };
            if is_told(it.variant, property) {
                continue;
            }
            let origin = format!(
                "The run had {metric} = {}. This is not from the run: of all interleavings of {}, \
                 it is the shortest that breaks the promise.",
                measured(seen),
                cast::bounds(&it.found.scene),
            );
            let heading = format!("{}: how {property} is broken", variant.name);
            shortest.push(Shortest::new(it, counterexample, heading, origin));
        }
    }
    shortest
}

impl<'a> Shortest<'a> {
    fn new(
        explored: &'a Explored,
        counterexample: &'a Counterexample,
        heading: String,
        origin: String,
    ) -> Shortest<'a> {
        let Counterexample { property, scene, steps, .. } = counterexample;
        let shown = Shown {
            strategy: &explored.strategy,
            choice: &explored.choice,
            scene,
            steps,
            violates: &[*property],
            sentence: None,
            moments: &[],
        };
        let (strategy, cast) = (quoted(&explored.strategy), explored.cast.words());
        Shortest {
            heading,
            origin,
            explored,
            counterexample,
            cause: explain(scene, steps, *property).sentence,
            unavoidable: explored.choice.visit(&shown),
            replay: format!("stalelab explore {strategy}{cast} --property {property}"),
        }
    }
}
