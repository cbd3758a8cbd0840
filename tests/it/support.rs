//! What the tests share: small worlds, and a way to measure a strategy in one.

use std::sync::atomic::AtomicBool;

use stalelab::experiment::{self, Options};
use stalelab::metrics::{Comparison, Measurement, Recorder, Window};
use stalelab::random::Distribution;
use stalelab::scenario::{Input, parse};
use stalelab::simulation::{Setup, run};
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};
use stalelab::workload::WorkloadConfig;
use stalelab::world::WorldConfig;

pub(crate) const NO_TIME: Distribution = Distribution::Constant(Span::ZERO);

pub(crate) fn constant_us(micros: u64) -> Distribution {
    Distribution::Constant(Span::from_micros(micros))
}

/// A run of this length, with nothing broken.
pub(crate) fn setup(world: WorldConfig, workload: &WorkloadConfig, length: Span) -> Setup {
    Setup::undisturbed(world, workload, Time::ZERO + length).expect("a load without a trace")
}

/// Measures a strategy, ignoring requests before `warmup`.
pub(crate) fn measure<S: Strategy>(
    strategy: &S,
    setup: &Setup,
    warmup: Span,
    seed: u64,
) -> Measurement {
    let window = Window { start: Time::ZERO + warmup, end: setup.stop };
    let mut recorder = Recorder::new(window);
    let aftermath = run(strategy, setup, seed, &mut recorder, &AtomicBool::new(false))
        .expect("nothing cancels the run");
    Measurement::new(recorder, aftermath, setup.world.database.connections)
}

/// Runs a scenario given as text.
pub(crate) fn compare(name: &str, text: &str) -> Comparison {
    let input = Input::from_text(name, text);
    let checked = match parse(&input, &[]) {
        Ok(checked) => checked,
        Err(mistakes) => panic!("{}", mistakes.render(&input, false)),
    };
    experiment::run(&checked.scenario, &Options::default(), &()).expect("nothing stops it")
}
