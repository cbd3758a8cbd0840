//! What was found in a load run, before the race itself.

use crate::incident::{Incident, Moment, StaleRead};
use crate::report::hanging;
use crate::report::number::{count, duration};
use crate::schedule::words;
use crate::time::Time;

/// Which of the reads like it an incident's is.
fn which(incident: &Incident) -> String {
    let of = format!("of {} such reads", count(incident.alike as f64));
    match (incident.is_worst, incident.alike) {
        (_, 1) => "the only such read".to_owned(),
        (true, _) => format!("the most stale {of}"),
        (false, _) => format!("one {of}"),
    }
}

/// Where an incident's race was found, and what of the run is left of it, in sentences.
pub fn origin(incident: &Incident) -> String {
    let (replication, read) = (incident.replication + 1, stale_read(&incident.read));
    let alike = which(incident);
    let recorded = plural(incident.recorded as u64, "request");
    format!(
        "Replication {replication}: {read}. It is {alike}. {recorded} changed or filled that key, \
         or failed to, before; {} are enough.",
        incident.cast.len()
    )
}

/// Which stale read of a run the race is about, and whom it takes. `place`: the run.
pub fn story(place: &str, incident: &Incident) -> String {
    let Incident { replication, read, recorded, cast, scene, .. } = incident;
    let which = which(incident);
    let (replication, read) = (replication + 1, stale_read(read));
    let found = format!("{place}, replication {replication}: {read}. It is {which}.");
    let mut text = hanging("", 0, &found);
    let (many, members) = (plural(*recorded as u64, "request"), cast.len());
    text.push_str(&format!(
        "{many} changed or filled that key, or failed to, before. {members} are enough:\n"
    ));
    for (session, member) in cast.iter().enumerate() {
        let who = words::session(scene, session);
        let (client, at) = (member.client, instant(member.began));
        text.push_str(&format!("  {who:<9} client {client}, from {at} on\n"));
    }
    if incident.violates().is_empty() {
        text.push_str("This breaks no promise: nobody had been told of the newer version yet.\n");
    }
    text
}

/// A stale read in words, without a full stop.
pub fn stale_read(read: &StaleRead) -> String {
    let StaleRead { client, key, version, began, staleness, .. } = read;
    let newer = match staleness.version_lag {
        1 => "one newer version".to_owned(),
        many => format!("{many} newer versions"),
    };
    let told = match (staleness.ack_stale, staleness.version_lag) {
        (false, _) => "committed",
        (true, 1) => "committed and acknowledged",
        (true, _) => "committed, at least one of them acknowledged",
    };
    format!(
        "client {client} read key {} at {} and got version {}, which had been old for {}: {newer} \
         had been {told} ({})",
        key.0,
        instant(*began),
        version.0,
        duration(staleness.age.as_secs_f64() * 1e3),
        staleness.cause,
    )
}

/// What it means that none of so many reads was `kind`: no proof, but a bound. Without a full stop.
///
/// The bound is the rule of three, as in [`crate::metrics::estimate_ratio`].
pub fn not_seen(kind: &str, reads: u64) -> String {
    let none = format!("not one of {} reads is {kind}", count(reads as f64));
    if reads <= 3 {
        return none;
    }
    let one_in = count((reads / 3) as f64);
    format!(
        "{none}: not seen, not impossible; were they independent, at most 1 read in {one_in} is"
    )
}

fn plural(many: u64, noun: &str) -> String {
    if many == 1 { format!("1 {noun}") } else { format!("{many} {noun}s") }
}

/// When a step was made: `7.663812 s`, or `by 7.663812 s` if it may have been earlier.
pub fn moment(moment: &Moment) -> String {
    let by = if moment.is_latest { "by " } else { "" };
    format!("{by}{}", instant(moment.at))
}

/// An instant of virtual time, to the microsecond.
fn instant(at: Time) -> String {
    format!("{:.6} s", (at - Time::ZERO).as_secs_f64())
}
