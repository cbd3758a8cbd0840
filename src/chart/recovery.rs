//! What a fault did to the database, and for how long: the finding of a timeline.
//!
//! A bucket counts as above what was before only if its interval is above those of the last
//! buckets before the fault, so nothing is claimed of a single high value.

use super::run::{Bucket, Fault, Run};
use super::words;

/// So many intervals before a fault are what it is compared with.
const BEFORE: usize = 10;

/// The finding with the greatest claim: a queue that does not recover, else the largest surge that
/// the replications show.
pub(super) fn title(run: &Run) -> String {
    let faults = || run.faults.iter().filter(|fault| fault.at_s > 0.0);
    let name = |index: usize| words::short(&run.variants[index].name);
    let indices = || 0..run.variants.len();
    let never = faults().find_map(|fault| {
        let index = indices().find(|index| never_recovers(run, *index, fault))?;
        Some((fault, index))
    });
    if let Some((fault, index)) = never {
        let end_s = run.warmup_s + run.duration_s;
        let after = words::time_to((end_s - fault.at_s) * 1e3, 2);
        let (name, what) = (name(index), &fault.what);
        return format!("{name}: the database has not recovered {after} after the {what}");
    }
    let surges = faults().flat_map(|fault| {
        indices().filter_map(move |index| {
            Some((Surge::of(&run.variants[index].timeline, fault)?, fault, index))
        })
    });
    match surges.max_by(|(a, _, _), (b, _, _)| a.times.total_cmp(&b.times)) {
        Some((surge, fault, index)) if surge.times >= 1.1 => format!(
            "{}: the {} makes the database work at least {} as hard, and {}",
            name(index),
            fault.what,
            words::times_at_least(surge.times),
            match surge.lasts_s {
                Some(s) => format!("harder than before for {}", words::time_to(s * 1e3, 2)),
                None => "harder than before to the end".to_owned(),
            }
        ),
        _ => "What happened when".to_owned(),
    }
}

/// Whether a variant only fell behind, and did not before the fault.
fn never_recovers(run: &Run, index: usize, fault: &Fault) -> bool {
    let variant = &run.variants[index];
    let before = variant.timeline.iter().rfind(|it| it.start_s < fault.at_s);
    let (Some(before), Some(last)) = (before, variant.timeline.last()) else { return false };
    variant.unstable.as_deref() == Some("database") && before.db_queue < last.db_queue / 10.0
}

/// How much harder the database works after a fault than before it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Surge {
    /// At least: the lower end of the first interval after it by the highest end before it.
    times: f64,
    /// For how long, without a break, it is shown to work harder; none if until the end.
    lasts_s: Option<f64>,
}

impl Surge {
    fn of(timeline: &[Bucket], fault: &Fault) -> Option<Surge> {
        // The interval in which the fault falls is neither before nor after.
        let first = timeline.iter().position(|it| it.start_s >= fault.at_s)?;
        let before = &timeline[first.saturating_sub(BEFORE + 1)..first.saturating_sub(1)];
        let highs: Option<Vec<f64>> = before.iter().map(|it| Some(it.db_interval?.1)).collect();
        let most = highs?.into_iter().reduce(f64::max).filter(|most| *most > 0.0)?;
        let after = &timeline[first..];
        let above = |it: &Bucket| it.db_interval.is_some_and(|(low, _)| low > most);
        let times = after.first()?.db_interval?.0 / most;
        let lasts_s = after.iter().find(|it| !above(it)).map(|it| it.start_s - fault.at_s);
        Some(Surge { times, lasts_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(second: usize, db_per_s: f64) -> Bucket {
        let db_interval = Some((db_per_s - 10.0, db_per_s + 10.0));
        Bucket { start_s: second as f64, db_per_s, db_interval, ..Bucket::default() }
    }

    fn surge(load: impl Fn(usize) -> f64) -> Option<Surge> {
        let timeline: Vec<Bucket> = (0..60).map(|second| bucket(second, load(second))).collect();
        let fault = Fault { what: "cache restart".to_owned(), at_s: 29.5, until_s: 29.5 };
        Surge::of(&timeline, &fault)
    }

    #[test]
    fn a_surge_is_what_its_interval_shows_and_lasts_as_long_as_that() {
        let found = surge(|second| if (30..35).contains(&second) { 320.0 } else { 90.0 });
        assert_eq!(found, Some(Surge { times: 3.1, lasts_s: Some(5.5) }));
        let to_the_end = surge(|second| if second >= 30 { 320.0 } else { 90.0 });
        assert_eq!(to_the_end.and_then(|it| it.lasts_s), None);
    }

    #[test]
    fn one_high_bucket_long_after_is_no_surge() {
        let found = surge(|second| if second == 50 { 900.0 } else { 90.0 }).expect("intervals");
        assert!(found.times < 1.0, "{found:?}");
        let noisy = surge(|second| if second == 25 { 500.0 } else { 90.0 }).expect("intervals");
        assert!(noisy.times < 0.2, "{noisy:?}");
    }
}
