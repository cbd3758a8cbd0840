//! Leaving events out changes nothing: a run in which every step is an event is the oracle.

use proptest::prelude::*;
use stalelab::simulation::{Setup, Stepping};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy as CachingStrategy;
use stalelab::time::Span;

use crate::arbitrary::{choice, setup};
use crate::support::measure;

struct Compare<'a> {
    setup: &'a Setup,
    seed: u64,
}

impl Visitor for Compare<'_> {
    type Output = Result<(), TestCaseError>;

    fn visit<S: CachingStrategy>(self, strategy: &S) -> Self::Output {
        let warmup = Span::from_millis(20);
        let elided = measure(strategy, self.setup, warmup, self.seed);
        let every_step = Setup { stepping: Stepping::EveryStep, ..self.setup.clone() };
        let oracle = measure(strategy, &every_step, warmup, self.seed);
        prop_assert_eq!(&elided.counts, &oracle.counts);
        prop_assert_eq!(elided.aftermath, oracle.aftermath);
        prop_assert!(elided == oracle, "equal counts, but something else differs");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn results_are_the_same_when_every_step_is_an_event(
        setup in setup(),
        choice in choice(),
        seed in any::<u64>(),
    ) {
        choice.visit(Compare { setup: &setup, seed })?;
    }
}
