//! `XFetch`: entries that reads recompute before they expire.

use rand_chacha::ChaCha8Rng;

use super::next;
use crate::random::{Sampler, unit};
use crate::theory::xfetch::Xfetch;
use crate::validation::shapes::{Shape, known};
use crate::validation::study::Study;
use crate::validation::worlds::seconds;

/// How far the limits of many reads may be off where that many come.
const MANY: f64 = 0.001;

/// A key: reads per second, the mean recompute time in milliseconds, which the rule is told, β, and
/// the TTL in seconds.
#[derive(Clone, Copy)]
struct Key {
    reads: f64,
    recompute_ms: u64,
    beta: f64,
    ttl_s: f64,
}

/// What became of the cycles that were played.
#[derive(Default)]
pub(super) struct Cycles {
    all: f64,
    recomputes: f64,
    /// The sum of the leads, 0 where none was early.
    lead_s: f64,
    /// None was early.
    expired: f64,
    /// The first was earlier than the mean.
    earlier: f64,
}

pub(super) fn studies() -> Vec<Study<Cycles>> {
    let key = |(reads, recompute_ms, beta, ttl_s)| Key { reads, recompute_ms, beta, ttl_s };
    let few = [(10.0, 300, 1.0, 4.0), (2.0, 500, 1.0, 6.0), (8.0, 250, 0.5, 1.5)].map(key);
    let many =
        [(20.0, 1_000, 2.0, 32.0), (30.0, 1_000, 1.0, 16.0), (40.0, 500, 1.5, 12.0)].map(key);
    let mut studies = Vec::new();
    for shape in Shape::ALL {
        studies.extend(few.map(|key| with_few_reads(key, shape)));
        studies.extend(many.map(|key| with_many_reads(key, shape)));
    }
    studies
}

/// One cycle after another. The next begins when an entry is renewed; as reads come without memory,
/// it is like the first.
fn play(key: Key, recompute: &Sampler, mean_s: f64, draws: &mut ChaCha8Rng, for_s: f64) -> Cycles {
    let (told_s, mut now) = (seconds(key.recompute_ms), 0.0);
    let mut cycles = Cycles::default();
    while now < for_s {
        // From the set of the entry on.
        let (mut at, mut first, mut renewed) = (0.0, f64::INFINITY, f64::INFINITY);
        loop {
            at += next(draws, key.reads);
            if at >= renewed {
                break;
            }
            // The rule itself, as the paper has it: U is not 0.
            if at - key.beta * told_s * libm::log(1.0 - unit(draws)) >= key.ttl_s {
                cycles.recomputes += 1.0;
                first = at.min(first);
                renewed = renewed.min(at + recompute.sample(draws).as_secs_f64());
            }
        }
        let lead_s = (key.ttl_s - first).max(0.0);
        cycles.all += 1.0;
        cycles.lead_s += lead_s;
        cycles.expired += f64::from(u8::from(lead_s == 0.0));
        cycles.earlier += f64::from(u8::from(lead_s > mean_s));
        now += renewed;
    }
    cycles
}

fn theory(key: Key) -> Xfetch {
    Xfetch::new(key.reads, seconds(key.recompute_ms), key.beta, key.ttl_s).expect("in range")
}

/// So many thousand cycles, all replications together.
fn study(key: Key, shape: Shape, thousands: f64) -> Study<Cycles> {
    let Key { reads, recompute_ms, beta, ttl_s } = key;
    let recompute = shape.of(recompute_ms * 1_000);
    let theory = theory(key);
    let mean = theory.recomputes_mean(&known(&recompute));
    let sampler = Sampler::new(&recompute);
    let parameters =
        format!("XFetch, λ {reads}/s, T {ttl_s} s, recompute {recompute_ms} ms, β {beta}");
    let lead_s = theory.lead_mean_s();
    let earlier = theory.lead_tail(lead_s);
    Study::played(parameters, move |draws, for_s| play(key, &sampler, lead_s, draws, for_s))
        .shaped(shape)
        .lasting(0.0, thousands * 1e3 * ttl_s)
        .exact("recomputes per cycle", "xfetch::Xfetch::recomputes_mean", mean, |it| {
            it.recomputes / it.all
        })
        .exact("mean lead, s", "xfetch::Xfetch::lead_mean_s", lead_s, |it| it.lead_s / it.all)
        .exact("earlier than the mean lead", "xfetch::Xfetch::lead_tail", earlier, |it| {
            it.earlier / it.all
        })
}

fn with_few_reads(key: Key, shape: Shape) -> Study<Cycles> {
    let expired = theory(key).expires_probability();
    // What is rare takes long.
    study(key, shape, 200.0 / expired).exact(
        "cycles that expire",
        "xfetch::Xfetch::expires_probability",
        expired,
        |it| it.expired / it.all,
    )
}

fn with_many_reads(key: Key, shape: Shape) -> Study<Cycles> {
    let theory = theory(key);
    let recompute = known(&shape.of(key.recompute_ms * 1_000));
    study(key, shape, 250.0)
        .within(
            MANY,
            "recomputes per cycle",
            "xfetch::Xfetch::recomputes_asymptote",
            theory.recomputes_asymptote(&recompute),
            |it| it.recomputes / it.all,
        )
        .within(
            MANY,
            "mean lead, s",
            "xfetch::Xfetch::lead_mean_asymptote_s",
            theory.lead_mean_asymptote_s(),
            |it| it.lead_s / it.all,
        )
}
