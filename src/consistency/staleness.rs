//! How stale the reads of one key were: by what clients were told, and by commits.

use super::report::{LateRead, Report, StaleRead, Staleness, Unseen, VisibilityRow, Windows};
use super::versions::{Newest, OfKey, Version, place, place_before};
use crate::time::{Span, Time};

/// Per place, how many versions there are up to it.
struct Count(Vec<u64>);

impl Count {
    fn new(counts: impl Iterator<Item = u64>) -> Count {
        let sums = counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        Count(sums.collect())
    }

    /// With those of a key that nobody read.
    fn with_unseen(of_key: &OfKey<'_>) -> Count {
        let mut counts = vec![0; place(of_key.versions.len())];
        for (rank, version) in of_key.versions.iter().enumerate() {
            counts[place(rank)] = u64::from(version.counts());
        }
        for write in of_key.unseen() {
            counts[place_before(write.least)] += 1;
        }
        Count::new(counts.into_iter())
    }

    /// How many count that are newer than `old` and not newer than `new`.
    fn between(&self, old: usize, new: usize) -> u64 {
        self.0[new].saturating_sub(self.0[old])
    }
}

/// Measures a key.
pub(super) fn measure(of_key: &OfKey<'_>, report: &mut Report) {
    by_answers(of_key, &mut report.staleness);
    by_commits(of_key, &mut report.staleness);
    visibility(of_key, &of_key.newest_acknowledged(), false, &mut report.after_acknowledgement);
    visibility(of_key, &of_key.newest_committed(), true, &mut report.after_commit);
    windows(of_key, &mut report.windows);
}

fn by_answers(of_key: &OfKey<'_>, staleness: &mut Staleness) {
    let (acknowledged, read_by) = (of_key.first_acknowledged(), of_key.first_read());
    let (newest_told, newest_taken) = (of_key.newest_told(), of_key.newest_taken());
    let known = Count::new(of_key.versions.iter().map(|it| u64::from(it.counts())));
    let taken = Count::with_unseen(of_key);
    for (number, read) in of_key.reads() {
        let rank = of_key.rank(read.version);
        let newer = [&acknowledged, &read_by].map(|it| it.before(read.invoked, rank + 1));
        let first = newer.into_iter().flatten().map(|(at, _)| at).min();
        let delta = first.map_or(Span::ZERO, |at| read.invoked - at);
        if delta > Span::ZERO {
            staleness.late.push(LateRead { read: number, by: delta });
        }
        staleness.delta.add(delta);
        let lag = |newest: &Newest, count: &Count, old| {
            newest.before(read.invoked).map_or(0, |(_, new)| count.between(old, new))
        };
        let least = lag(&newest_told, &known, rank).max(u64::from(delta > Span::ZERO));
        let most = lag(&newest_taken, &taken, place(rank));
        staleness.version_lag_least = staleness.version_lag_least.max(least);
        staleness.version_lag_max = staleness.version_lag_max.max(most);
    }
}

fn by_commits(of_key: &OfKey<'_>, staleness: &mut Staleness) {
    let newest = of_key.newest_committed();
    let first = of_key.first_committed();
    let is_there = |it: &Version| it.counts() || it.committed < Time::NEVER;
    let count = Count::new(of_key.versions.iter().map(|it| u64::from(is_there(it))));
    for (number, read) in of_key.reads() {
        let rank = of_key.rank(read.version);
        let Some((_, new)) = newest.by(read.invoked).filter(|(_, new)| *new > rank) else {
            continue;
        };
        let age = first.at(rank + 1).map_or(Span::ZERO, |at| read.invoked - at);
        let version_lag = count.between(rank, new);
        staleness.commit_stale.push(StaleRead { read: number, age, version_lag });
        staleness.ages.add(age);
    }
}

/// Where the rows of a table of visibility begin: 1, 2 and 5 microseconds, and so on to 5000 s.
const ROWS: usize = 3 * 10 + 1;

/// The empty table.
pub(super) fn visibility_rows() -> Vec<VisibilityRow> {
    let mut edges = vec![Span::ZERO];
    let mut decade = 1_000;
    while edges.len() < ROWS {
        edges.extend([1, 2, 5].map(|times| Span(times * decade)));
        decade *= 10;
    }
    let ends = edges.iter().skip(1).copied().chain([Span::FOREVER]);
    let rows = edges.iter().zip(ends);
    rows.map(|(from, to)| VisibilityRow { from: *from, to, reads: 0, returned: 0 }).collect()
}

/// Adds each read to the row of the time since the newest version before it began.
fn visibility(of_key: &OfKey<'_>, newest: &Newest, inclusive: bool, rows: &mut [VisibilityRow]) {
    for (_, read) in of_key.reads() {
        let found = match inclusive {
            true => newest.by(read.invoked),
            false => newest.before(read.invoked),
        };
        let Some((since, rank)) = found else { continue };
        let after = read.invoked - since;
        let row = rows.partition_point(|row| row.to <= after);
        if let Some(row) = rows.get_mut(row) {
            row.reads += 1;
            row.returned += u64::from(of_key.rank(read.version) >= rank);
        }
    }
}

fn windows(of_key: &OfKey<'_>, windows: &mut Windows) {
    let mut last_read: Vec<Option<(Time, u32)>> = vec![None; of_key.versions.len()];
    for (number, read) in of_key.reads() {
        let last = &mut last_read[of_key.rank(read.version)];
        *last = (*last).max(Some((read.invoked, number)));
    }
    let mut older = None;
    for (version, last) in of_key.versions.iter().zip(last_read) {
        let from = match version.committed {
            Time::NEVER => version.acknowledged,
            committed => committed,
        };
        if let Some(first) = version.first.filter(|_| from < Time::NEVER) {
            windows.from_commit += u64::from(version.committed < Time::NEVER);
            let length = older.map_or(Span::ZERO, |(at, _): (Time, u32)| at - from);
            windows.lengths.add(length);
            if let Some((_, read)) = older.filter(|_| length > Span::ZERO) {
                windows.unseen.push(Unseen { write: first, read, length });
            }
        }
        older = older.max(last);
    }
}
