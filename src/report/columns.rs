//! Which few of the many metrics the text table shows, and which of their values stand out.

use super::csv::bounds;
use super::number::{count, duration, significant, upper_bound, with_interval};
use super::table::{Cell, Column, Mark};
use crate::metrics::{Better, Comparison, Estimate, VariantSummary, find};

/// How a metric's value is written.
#[derive(Clone, Copy)]
enum Form {
    /// A share, in percent. No event in n is an upper bound.
    Percent,
    /// The same with the half-width of its interval.
    PercentWithInterval,
    /// The share of hits, in percent.
    Hits,
    /// A time that may be anything from microseconds to days.
    Time,
    /// A time in milliseconds; the heading says so.
    Millis,
    /// A count or a rate.
    Count,
}

/// A column that could be shown.
struct Spec {
    metric: &'static str,
    heading: [&'static str; 2],
    form: Form,
    rank: u8,
}

const fn spec(metric: &'static str, heading: [&'static str; 2], form: Form, rank: u8) -> Spec {
    Spec { metric, heading, form, rank }
}

/// Per place in the table, what may stand there: the first that any variant has a value of.
const PLACES: &[&[Spec]] = &[
    &[spec("hit_ratio", ["hit", "%"], Form::Hits, 4)],
    &[spec("stale_read_ratio", ["stale reads", "%"], Form::PercentWithInterval, 0)],
    &[spec("ack_stale_read_ratio", ["ack-", "stale %"], Form::Percent, 8)],
    &[
        spec("stale_age_p99_ms", ["age", "p99"], Form::Time, 5),
        spec("stale_age_mean_ms", ["age", "mean"], Form::Time, 5),
    ],
    &[
        spec("failed_act_ratio", ["failed", "acts %"], Form::Percent, 1),
        spec("visible_glitches", ["visible", "glitches"], Form::Count, 1),
    ],
    &[spec("read_latency_p50_ms", ["read", "p50 ms"], Form::Millis, 7)],
    &[spec("read_latency_p99_ms", ["read", "p99 ms"], Form::Millis, 2)],
    &[spec("db_reads_per_s", ["DB", "reads/s"], Form::Count, 3)],
    &[spec("db_utilization", ["DB", "busy %"], Form::Percent, 6)],
];

/// The columns for this comparison; those that no variant has a value for are left out. An
/// unstable variant has no steady state, so its cells are empty.
pub(super) fn columns(comparison: &Comparison) -> Vec<Column> {
    let chosen = PLACES.iter().filter_map(|place| {
        place.iter().find(|spec| comparison.variants.iter().any(|v| steady(v, spec).is_some()))
    });
    chosen.map(|spec| column(comparison, spec)).collect()
}

/// The value of a variant that has a steady state.
fn steady<'a>(variant: &'a VariantSummary, spec: &Spec) -> Option<&'a Estimate> {
    variant.estimate(spec.metric).filter(|_| variant.unstable.is_none())
}

fn column(comparison: &Comparison, spec: &Spec) -> Column {
    let estimates: Vec<_> = comparison.variants.iter().map(|v| steady(v, spec)).collect();
    let better = find(spec.metric).map_or(Better::Neither, |metric| metric.better);
    let uncached = comparison.variants.iter().map(|variant| variant.strategy == "no-cache");
    let marked = estimates.iter().zip(marks(&estimates, better)).zip(uncached);
    let cells = marked.map(|((estimate, mark), uncached)| {
        let text = match (estimate, spec.form) {
            (None, _) => "-".to_owned(),
            // There is nothing to hit: no estimate, but a fact.
            (Some(_), Form::Hits) if uncached => "none".to_owned(),
            (Some(estimate), form) => write(estimate, form),
        };
        Cell { text, mark }
    });
    Column { heading: spec.heading, cells: cells.collect(), rank: spec.rank }
}

fn write(estimate: &Estimate, form: Form) -> String {
    let Estimate { mean, zero_bound, .. } = *estimate;
    match (form, zero_bound, estimate.ci95) {
        (Form::Hits | Form::Percent | Form::PercentWithInterval, Some(bound), _) => {
            format!("<{}", upper_bound(bound * 100.0))
        }
        (Form::PercentWithInterval, None, Some((low, high))) => {
            with_interval(mean * 100.0, (low * 100.0, high * 100.0))
        }
        (Form::Hits | Form::Percent | Form::PercentWithInterval, None, _) => {
            significant(mean * 100.0, 3)
        }
        (Form::Time, _, _) => duration(mean),
        (Form::Millis, _, _) => significant(mean, 3),
        (Form::Count, Some(bound), _) => format!("<{}", upper_bound(bound)),
        (Form::Count, _, _) if mean == 0.0 || mean.abs() >= 1000.0 => count(mean),
        (Form::Count, _, _) => significant(mean, 3),
    }
}

/// Marks the best and the worst, if their intervals do not overlap: otherwise the difference may
/// be chance. Equal values share a mark.
fn marks(estimates: &[Option<&Estimate>], better: Better) -> Vec<Mark> {
    let mut marks = vec![Mark::Plain; estimates.len()];
    let sign = match better {
        Better::Less => 1.0,
        Better::More => -1.0,
        Better::Neither => return marks,
    };
    let badness = |estimate: &Estimate| sign * estimate.mean;
    let present = || estimates.iter().copied().flatten();
    let by_badness = |a: &&Estimate, b: &&Estimate| badness(a).total_cmp(&badness(b));
    let (Some(best), Some(worst)) = (present().min_by(by_badness), present().max_by(by_badness))
    else {
        return marks;
    };
    if overlap(best, worst) {
        return marks;
    }
    for (mark, estimate) in marks.iter_mut().zip(estimates) {
        *mark = match estimate {
            Some(estimate) if estimate.mean == best.mean => Mark::Best,
            Some(estimate) if estimate.mean == worst.mean => Mark::Worst,
            _ => Mark::Plain,
        };
    }
    marks
}

/// Whether two estimates may be of the same value, as far as can be told: without an interval,
/// any may.
fn overlap(a: &Estimate, b: &Estimate) -> bool {
    match (bounds(a), bounds(b)) {
        ((Some(a_low), Some(a_high)), (Some(b_low), Some(b_high))) => {
            a_low <= b_high && b_low <= a_high
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_intervals_earn_no_mark() {
        let (a, b) = (Estimate::made_up(1.0, 0.6), Estimate::made_up(2.0, 0.6));
        assert_eq!(marks(&[Some(&a), Some(&b)], Better::Less), [Mark::Plain; 2]);
        let b = Estimate::made_up(3.0, 0.6);
        assert_eq!(marks(&[Some(&a), Some(&b)], Better::Less), [Mark::Best, Mark::Worst]);
        assert_eq!(marks(&[Some(&a), None, Some(&b)], Better::More)[0], Mark::Worst);
        assert_eq!(marks(&[Some(&a), Some(&b)], Better::Neither), [Mark::Plain; 2]);
        assert_eq!(marks(&[None, None], Better::Less), [Mark::Plain; 2]);
        let untold = Estimate { ci95: None, ..b };
        assert_eq!(marks(&[Some(&a), Some(&untold)], Better::Less), [Mark::Plain; 2]);
    }

    #[test]
    fn equal_values_share_the_mark_and_alone_earn_none() {
        let (a, b) = (Estimate::made_up(1.0, 0.0), Estimate::made_up(3.0, 0.0));
        let shared = marks(&[Some(&a), Some(&a), Some(&b)], Better::Less);
        assert_eq!(shared, [Mark::Best, Mark::Best, Mark::Worst]);
        assert_eq!(marks(&[Some(&a)], Better::Less), [Mark::Plain]);
    }

    #[test]
    fn an_interval_with_unequal_sides_is_a_factor() {
        let rare = Estimate { ci95: Some((0.000_1, 0.000_8)), ..Estimate::made_up(0.000_3, 0.0) };
        assert_eq!(write(&rare, Form::PercentWithInterval), "0.030 ×÷3");
    }

    #[test]
    fn no_event_is_an_upper_bound_and_never_zero() {
        let none = Estimate {
            mean: 0.0,
            ci95: None,
            replications: 8,
            source: crate::metrics::Source::Replications,
            zero_bound: Some(3e-6),
        };
        assert_eq!(write(&none, Form::Percent), "<0.0003");
        assert_eq!(write(&none, Form::PercentWithInterval), "<0.0003");
        assert_eq!(write(&none, Form::Hits), "<0.0003");
        assert_eq!(write(&none, Form::Count), "<0.000003");
    }
}
