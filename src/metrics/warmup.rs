//! Whether what was measured had begun to be steady.
//!
//! A run begins with an empty cache and idle queues. What it is like until that has passed is no
//! steady state, and a warm-up is there to leave it out. The cut is MSER's: where the mean of the
//! rest, as far as its own spread tells, is known best (K. P. White, "An effective truncation
//! heuristic for bias reduction in simulation output", Simulation 69(6), 1997). A bucket of the
//! timeline is a mean of many requests already, so there is no need to group them by five.
//!
//! MSER always cuts somewhere. Of a cut in the measured window something is said only if what lies
//! before it is unlike the rest, by [`DEVIATIONS`] standard errors that allow for correlation, and
//! moves the figure by [`BIAS_LEAST`] of itself. Of series without a transient that holds for less
//! than one in a thousand if successive buckets are correlated by 0.5 or less, one in a hundred at
//! 0.8, one in thirty at 0.9 (simulated for this crate).

use super::correlation::{inflation, lag_one};
use super::recorder::Window;
use super::timeline::{Bucket, Timeline};
use crate::time::{Span, Time};

/// So many standard errors what was cut off must be away from the rest.
const DEVIATIONS: f64 = 5.0;

/// By so much of itself a figure must be off.
const BIAS_LEAST: f64 = 0.01;

/// Fewer buckets than this are too few to judge.
const BUCKETS_LEAST: usize = 20;

/// Of the buckets after the cut, so many must have seen anything: bursts of what is rare look like
/// the beginning of something.
const SEEN_LEAST: f64 = 0.9;

/// What the window has measured of a beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Transient {
    /// What it shows in.
    series: &'static str,
    /// When it was over, counted from the start of the run; none if it never was.
    over: Option<Time>,
    /// The end of what was looked at: the end of the run, or the first thing that broke.
    end: Time,
}

impl Transient {
    /// What a reader of the results should know.
    pub(super) fn note(&self, window: Window) -> String {
        let series = self.series;
        let begins = match window.start - Time::ZERO {
            Span::ZERO => "and there is no warm-up".to_owned(),
            begins => format!("and the measured window begins at {begins}"),
        };
        let end = match self.end == window.end {
            true => "at the end".to_owned(),
            false => format!("when something broke at {}", (self.end - Time::ZERO).rounded()),
        };
        match self.over.map(|over| over - Time::ZERO) {
            Some(over) => format!(
                "Still warming up until about {} ({series}), {begins}. Leave that out with --set \
                 warmup={}.",
                rounded_up(over, 1),
                rounded_up(over, 5)
            ),
            None => format!(
                "Too short to tell a steady state: the {series} was still changing {end}. Figures \
                 depend on how long one looked; a longer warm-up and duration would tell."
            ),
        }
    }
}

/// A time rounded up to a number of two digits, of which the second is a multiple of this.
fn rounded_up(span: Span, multiple: u64) -> Span {
    let mut digit = 1;
    while span.0 / digit >= 100 {
        digit *= 10;
    }
    Span(span.0.div_ceil(multiple * digit) * multiple * digit)
}

/// Judges the timeline of runs added up. `changes`: when something broke or was mended; what
/// follows is another beginning, and not looked at.
pub(super) fn transient(
    timeline: &Timeline,
    window: Window,
    changes: &[Time],
) -> Option<Transient> {
    let width = timeline.width();
    let begin = changes.iter().copied().filter(|at| *at <= window.start).max();
    let end = changes.iter().copied().filter(|at| *at > window.start).min();
    let (begin, end) = (begin.unwrap_or(Time::ZERO), end.unwrap_or(window.end).min(window.end));
    let boundary = |at: Time| at.0.div_ceil(width.0) as usize;
    let buckets = boundary(begin)..(end.0 / width.0) as usize;
    // The width was rounded up, so the last bucket of a run ends a little after it.
    let buckets = if end == window.end { buckets.start..timeline.buckets().len() } else { buckets };
    let window_at = boundary(window.start).checked_sub(buckets.start)?;
    let all = all_series(timeline);
    let judge = |(name, values): &(&'static str, Vec<Option<f64>>)| {
        let values: Option<Vec<f64>> = values.get(buckets.clone())?.iter().copied().collect();
        Some((*name, cut(&values?, window_at)?))
    };
    // One that never settles says more than one that does; and the last to settle more than others.
    // Of several, the first.
    let found = all.iter().rev().filter_map(judge);
    let (series, cut) = found.max_by_key(|(_, cut)| cut.map_or(usize::MAX, |cut| cut))?;
    let over = cut.map(|cut| Time::ZERO + Span(width.0 * (buckets.start + cut) as u64));
    Some(Transient { series, over, end })
}

/// The series that tell, each by bucket; none where a bucket has nothing to tell.
fn all_series(timeline: &Timeline) -> [(&'static str, Vec<Option<f64>>); 4] {
    let of_reads = |count: fn(&Bucket) -> u64| {
        let share = move |bucket: &Bucket| {
            (bucket.reads > 0).then(|| count(bucket) as f64 / bucket.reads as f64)
        };
        timeline.buckets().iter().map(share).collect()
    };
    let load = timeline.buckets().iter().map(|it| Some((it.db_reads + it.db_writes) as f64));
    let in_flight = timeline.in_flight().into_iter().map(|level| Some(level as f64));
    [
        ("hit ratio", of_reads(|bucket| bucket.hits)),
        ("stale ratio", of_reads(|bucket| bucket.stale)),
        ("database load", load.collect()),
        ("number of requests in flight", in_flight.collect()),
    ]
}

/// Where a series that is measured from the bucket `window` on begins to be steady, if that is
/// later and makes a difference: `Some(None)` if it never is, `None` if there is nothing to say.
fn cut(series: &[f64], window: usize) -> Option<Option<usize>> {
    if series.len() < BUCKETS_LEAST {
        return None;
    }
    let cut = mser(series);
    let early = series.get(window..cut).filter(|early| !early.is_empty())?;
    let rest = &series[cut..];
    let seen = rest.iter().filter(|value| **value != 0.0).count();
    if (seen as f64) < SEEN_LEAST * rest.len() as f64 {
        return None;
    }
    let trend = Trend::of(rest);
    let (few, many) = (early.len() as f64, rest.len() as f64);
    let apart = (mean(early) - trend.mean).abs();
    let is_unlike = apart > DEVIATIONS * (trend.variance * (1.0 / few + 1.0 / many)).sqrt();
    let bias = (mean(&series[window..]) - trend.mean).abs();
    if !is_unlike || bias < BIAS_LEAST * trend.mean.abs() {
        return None;
    }
    let goes_on = trend.is_clear() && trend.change().abs() > 2.0 * BIAS_LEAST * trend.mean.abs();
    Some((!goes_on).then_some(cut))
}

/// The cut, in the first half of a series, after which the mean of the rest has the smallest
/// standard error that its spread suggests.
fn mser(series: &[f64]) -> usize {
    let error = |cut: usize| {
        let rest = &series[cut..];
        let (mean, n) = (mean(rest), rest.len() as f64);
        rest.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n * n)
    };
    let cuts = (0..=series.len() / 2).map(|cut| (cut, error(cut)));
    cuts.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(cut, _)| cut)
}

fn mean(series: &[f64]) -> f64 {
    series.iter().sum::<f64>() / series.len() as f64
}

/// A straight line through a series, and the spread around it.
#[derive(Clone, Copy, Debug)]
struct Trend {
    mean: f64,
    /// Per member.
    slope: f64,
    members: f64,
    /// Of a member, as many of them as are correlated counted in: what is left of a mean of n has
    /// this over n.
    variance: f64,
}

impl Trend {
    fn of(series: &[f64]) -> Trend {
        let (mean, members) = (mean(series), series.len() as f64);
        let place = |index: usize| index as f64 - (members - 1.0) / 2.0;
        let products = series.iter().enumerate().map(|(index, value)| place(index) * value);
        let slope = products.sum::<f64>() / Trend::places(members);
        let line = |index: usize| mean + slope * place(index);
        let residuals: Vec<f64> =
            series.iter().enumerate().map(|(index, value)| value - line(index)).collect();
        let squares: f64 = residuals.iter().map(|one| one * one).sum();
        let variance = squares / (members - 2.0) * inflation(lag_one(&residuals));
        Trend { mean, slope, members, variance }
    }

    /// The sum of the squares of so many places around their middle.
    fn places(members: f64) -> f64 {
        members * (members * members - 1.0) / 12.0
    }

    /// How much it rises or falls from one end to the other.
    fn change(&self) -> f64 {
        self.slope * self.members
    }

    /// Whether it is no chance.
    fn is_clear(&self) -> bool {
        self.slope.abs() > DEVIATIONS * (self.variance / Trend::places(self.members)).sqrt()
    }
}

#[cfg(test)]
#[path = "warmup_tests.rs"]
mod tests;
