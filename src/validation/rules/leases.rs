//! Leases on copies: what a server is sent, and what it would be sent without them.

use rand_chacha::ChaCha8Rng;

use super::next;
use crate::random::{below, unit};
use crate::theory::leases::Leased;
use crate::validation::study::Study;

const LOAD: &str = "leases::Leased::relative_load";

/// A file: reads and writes per second and client, and how many clients share it.
#[derive(Clone, Copy)]
struct File {
    reads: f64,
    writes: f64,
    sharers: u32,
}

/// Messages to and from the server.
#[derive(Default)]
pub(super) struct Messages {
    /// A request and a reply for each read, were there no leases.
    without: f64,
    /// The same for a read whose lease has run out.
    extensions: f64,
    /// One to all who share the file, and the approval of each other.
    approvals: f64,
}

pub(super) fn studies() -> Vec<Study<Messages>> {
    let file = |(reads, writes, sharers)| File { reads, writes, sharers };
    // The V system's rates, and others.
    let shared = [(0.864, 0.04, 10), (0.9, 0.05, 5), (5.0, 0.5, 3)].map(file);
    let own = [(0.864, 0.04, 1), (2.0, 1.0, 1), (0.1, 0.01, 1)].map(file);
    let shared = shared.into_iter().flat_map(|file| {
        [study(file, 10.0, "term 10 s"), study(file, 1.0, "term 1 s"), at_break_even(file)]
    });
    shared.chain(own.map(|file| study(file, 10.0, "term 10 s"))).collect()
}

/// The table of who holds a lease, and one read or write after another.
fn play(file: File, term_s: f64, draws: &mut ChaCha8Rng, for_s: f64) -> Messages {
    let mut messages = Messages::default();
    let mut leased_until = vec![0.0; file.sharers as usize];
    let per_client = file.reads + file.writes;
    let mut now = 0.0;
    loop {
        now += next(draws, per_client * f64::from(file.sharers));
        if now >= for_s {
            return messages;
        }
        let client = below(draws, u64::from(file.sharers)) as usize;
        if unit(draws) * per_client < file.reads {
            messages.without += 2.0;
            if now >= leased_until[client] {
                messages.extensions += 2.0;
                leased_until[client] = now + term_s;
            }
        } else if file.sharers > 1 {
            messages.approvals += f64::from(file.sharers);
        }
    }
}

fn theory(file: File) -> Leased {
    Leased::new(file.reads, file.writes, file.sharers).expect("in range")
}

fn load(messages: &Messages) -> f64 {
    (messages.extensions + messages.approvals) / messages.without
}

/// The file under leases of a term; which is told in words.
fn leased(file: File, term_s: f64, term: &str) -> Study<Messages> {
    let File { reads, writes, sharers } = file;
    let parameters =
        format!("R {reads}/s, W {writes}/s of each client, {sharers} share it, {term}");
    let events_per_s = f64::from(sharers) * (reads + writes);
    // Writes are rare; where nobody has to approve of them, so are extensions.
    let events = if sharers > 1 { 12e6 } else { 4e6 };
    Study::played(parameters, move |draws, for_s| play(file, term_s, draws, for_s))
        .lasting(0.0, events / events_per_s)
}

fn study(file: File, term_s: f64, term: &str) -> Study<Messages> {
    let theory = theory(file);
    let relative = theory.relative_load(term_s).expect("in range");
    let study = leased(file, term_s, term).exact("load of leases", LOAD, relative, load);
    if file.sharers == 1 {
        return study;
    }
    study.exact(
        "load of reads per load of writes",
        "leases::Leased::benefit_factor",
        theory.benefit_factor(),
        |messages| messages.without / messages.approvals,
    )
}

/// There leases cost as much as none.
fn at_break_even(file: File) -> Study<Messages> {
    let term_s = theory(file).break_even_term_s().expect("they pay");
    leased(file, term_s, "the term at which leases begin to pay").exact(
        "load of leases",
        "leases::Leased::break_even_term_s",
        1.0,
        load,
    )
}
