//! The explorer's reference point: 7 concurrent requests of delete-on-write on one key.
//!
//! `cargo bench --bench explorer` prints states, transitions, seconds and bytes a state, without
//! and with symmetry, and fails if it is not as many states as it was;
//! `cargo bench --bench explorer -- READERS WRITERS` takes another number of requests.

#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::time::Instant;

use stalelab::explorer::{Options, explore};
use stalelab::schedule::Scene;
use stalelab::strategies::DeleteOnWrite;
use stalelab::time::Span;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let (readers, writers) = (numbers.next().unwrap_or(4), numbers.next().unwrap_or(3));
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let scene = Scene::new(readers, writers, 1, 1);
    for (symmetry, states) in [(false, 2_505_824), (true, 54_899)] {
        let options = Options { symmetry, states_max: usize::MAX, ..Options::default() };
        let start = Instant::now();
        let found = explore(&strategy, &scene, &options).expect("a function of its replies");
        let seconds = start.elapsed().as_secs_f64();
        assert!((readers, writers) != (4, 3) || found.states == states, "{} states", found.states);
        println!(
            "symmetry={symmetry} states={} transitions={} depth={} seconds={seconds:.3} \
             ns_per_state={:.0} bytes_per_state={:.1}",
            found.states,
            found.transitions,
            found.depth,
            seconds * 1e9 / found.states as f64,
            found.bytes as f64 / found.states as f64,
        );
    }
}
