//! The session guarantees, on one key: what a session was told before may not be taken back. Of
//! operations of a session that overlap, neither comes before the other. An acknowledged write
//! whose version is not known tells of something newer than all that was told before it was
//! invoked.

use super::history::{Kind, UNKNOWN};
use super::linearizability::Findings;
use super::property::Property;
use super::report::{Rule, Violation};
use super::versions::OfKey;

/// The newest version a session was told of, and by which operation.
type Told = Option<(u64, u32)>;

/// Checks all sessions on a key.
pub(super) fn check(of_key: &OfKey<'_>, findings: &mut Findings) {
    let session = |number: &u32| of_key.history.operation(*number).session;
    let mut numbers = of_key.numbers.to_vec();
    // A stable sort: within a session, the order of invocations stays.
    numbers.sort_by_key(session);
    let mut ends = Vec::new();
    for of_session in numbers.chunk_by(|one, other| session(one) == session(other)) {
        if of_session.len() > 1 {
            check_session(of_key, of_session, &mut ends, findings);
        }
    }
}

fn check_session(
    of_key: &OfKey<'_>,
    numbers: &[u32],
    ends: &mut Vec<u32>,
    findings: &mut Findings,
) {
    let operation = |number: u32| of_key.history.operation(number);
    ends.clear();
    ends.extend(numbers.iter().filter(|number| !operation(**number).is_open()));
    ends.sort_by_key(|number| operation(*number).completed);
    let mut ended = ends.iter().copied().peekable();
    let (mut wrote, mut read): (Told, Told) = (None, None);
    for number in numbers {
        let this = operation(*number);
        while let Some(earlier) = ended.next_if(|it| operation(*it).ended_before(this)) {
            let version = match operation(earlier).version {
                UNKNOWN => of_key.least_version(earlier),
                version => version,
            };
            let told = Some((version, earlier));
            match operation(earlier).kind {
                Kind::Write => wrote = wrote.max(told),
                Kind::Read => read = read.max(told),
            }
        }
        check_operation(of_key, *number, wrote, read, findings);
    }
}

fn check_operation(
    of_key: &OfKey<'_>,
    number: u32,
    wrote: Told,
    read: Told,
    findings: &mut Findings,
) {
    let this = of_key.history.operation(number);
    let (after_write, after_read) = match this.kind {
        Kind::Read => (Property::ReadYourWrites, Property::MonotonicReads),
        Kind::Write if is_sure(of_key, number) => {
            (Property::MonotonicWrites, Property::WritesFollowReads)
        }
        Kind::Write => return,
    };
    let mut check = |property, told: Told, rule, least: u64| {
        let violation = told
            .filter(|(version, _)| *version >= least)
            .map(|(_, earlier)| Violation { operation: number, against: Some(earlier), rule });
        // The initial version contradicts nothing.
        let is_trial = told.is_some_and(|(version, _)| version > 0);
        findings.note(property, is_trial, violation);
    };
    // A read may return again what was told; a write makes something newer.
    let least = match this.kind {
        Kind::Read => this.version + 1,
        Kind::Write => this.version,
    };
    // Who writes the same version twice is found by linearizability.
    check(after_write, wrote, Rule::OlderThanWrite, this.version + 1);
    check(after_read, read, Rule::OlderThanRead, least);
}

/// Whether a write took effect for sure, and is the first attempt at its version: a later one may
/// have changed nothing.
fn is_sure(of_key: &OfKey<'_>, number: u32) -> bool {
    let version = of_key.history.operation(number).version;
    let found = of_key.versions.get(of_key.rank(version));
    found.is_some_and(|it| it.first == Some(number) && it.counts())
}
