//! Whether a system kept up with its load, or something only piled up.
//!
//! A load above what the system can serve has no steady state: its figures depend on how long one
//! looked. Such a run must say so instead of printing them. Two levels tell: what waits at the
//! database, at any of its stations, and the requests in flight, which wait wherever the system is
//! short, be it for a lock.
//!
//! Not told: how far a system that keeps up is from its limit, which is what `db_utilization` is
//! for.

use super::recorder::Window;
use super::summary::{Queue, Unstable};
use super::timeline::{BUCKETS, Timeline};
use crate::time::{Span, Time};

/// So many standard deviations the level at the end of the run must be above nothing, where it
/// began.
const DEVIATIONS_IN_ALL: f64 = 4.0;

/// So many it must be above the level at the middle of the window.
const DEVIATIONS_SINCE_MIDDLE: f64 = 2.0;

/// Judges runs of the same length added up, so many of them.
pub(super) fn instability(timeline: &Timeline, window: Window, runs: u32) -> Option<Unstable> {
    let judge = |queue, levels: &[i64]| {
        let per_run = |count: i64| count as f64 / f64::from(runs);
        let (length, growth) = growth(levels, timeline.width(), window)?;
        Some(Unstable {
            queue,
            queue_at_end: per_run(*levels.last()?),
            growth_per_s: per_run(growth) / length.as_secs_f64(),
        })
    };
    judge(Queue::Database, &timeline.queue())
        .or_else(|| judge(Queue::Requests, &timeline.in_flight()))
}

/// How much a level grew since about the middle of the window, and in what time, if it kept
/// growing.
///
/// What only chance moves walks at random: over n steps it gets as far as √n times the standard
/// deviation of one. A station that keeps up stays below that, because an empty queue does not
/// shrink further. So the level is told to grow if it is farther up than chance explains
///
/// - at the end of the run, which began with nothing: this tells the load of 105 % from 95 %, in
///   which a long queue comes and goes;
/// - at the end against the middle of the window: this leaves out what began with a jump and has
///   found its level, as a closed loop does;
///
/// and if it was not shrinking in the last quarter, after a shock from which the system recovers.
fn growth(levels: &[i64], width: Span, window: Window) -> Option<(Span, i64)> {
    let boundary = |at: Time| ((at.0 / width.0) as usize).min(BUCKETS - 1);
    let level = |boundary: usize| boundary.checked_sub(1).map_or(0, |bucket| levels[bucket]);
    let length = window.length();
    let middle = boundary(window.start + Span(length.0 / 2));
    let late = boundary(window.start + Span(length.0 / 4 * 3));
    let since = |boundary| level(BUCKETS) - level(boundary);
    let chance = |steps: usize| step_deviation(levels) * (steps as f64).sqrt();
    let steps = BUCKETS - middle;
    let grew = since(0) as f64 > DEVIATIONS_IN_ALL * chance(BUCKETS)
        && since(middle) as f64 > DEVIATIONS_SINCE_MIDDLE * chance(steps)
        && since(late) > 0;
    grew.then(|| (Span(width.0 * steps as u64), since(middle)))
}

/// The standard deviation of a level's steps, from the differences of successive ones: a steady
/// growth does not count as deviation. (J. von Neumann, R. H. Kent, H. R. Bellinson and
/// B. I. Hart, "The mean square successive difference", Ann. Math. Statist. 12, 1941.)
fn step_deviation(levels: &[i64]) -> f64 {
    let squares = levels.windows(3).map(|three| {
        let difference = ((three[2] - three[1]) - (three[1] - three[0])) as f64;
        difference * difference
    });
    (squares.sum::<f64>() / (2.0 * (levels.len() - 2) as f64)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level per second of two minutes, after this many seconds of warm-up.
    fn judge(warmup: u64, level: impl Fn(i64) -> i64) -> Option<(Span, i64)> {
        let levels: Vec<i64> = (1..=BUCKETS as i64).map(level).collect();
        let second = |number| Time::ZERO + Span::from_secs(number);
        let window = Window { start: second(warmup), end: second(BUCKETS as u64) };
        growth(&levels, Span::from_secs(1), window)
    }

    /// Up and down, evenly and without growth.
    fn noise(second: i64) -> i64 {
        [0, 2, -1, 1, -2][second as usize % 5]
    }

    #[test]
    fn what_only_grows_is_found_also_after_a_long_warm_up() {
        for warmup in [0, 60, 110, 119] {
            let (length, growth) = judge(warmup, |second| 10 * second + noise(second))
                .expect("it grows by 10 a second");
            let seconds = length.as_secs_f64();
            assert!((growth as f64 - 10.0 * seconds).abs() < 5.0, "{growth} in {seconds}");
            assert!(seconds >= (120 - warmup) as f64 / 2.0);
        }
        assert!(judge(0, |second| (second - 60).max(0) * 10).is_some(), "since half time");
    }

    #[test]
    fn what_finds_its_level_is_steady() {
        assert_eq!(judge(0, |second| 1_000 + noise(second)), None, "after a jump");
        assert_eq!(judge(0, |second| 50 * second.min(40) + noise(second)), None, "after a ramp");
        assert_eq!(judge(0, noise), None);
        assert_eq!(judge(0, |_| 0), None);
    }

    #[test]
    fn a_queue_that_is_on_its_way_back_is_no_instability() {
        let shock = |second: i64| match second {
            ..60 => 0,
            60..80 => 100 * (second - 60),
            _ => 2_000 - 20 * (second - 80),
        };
        assert_eq!(judge(0, shock), None);
    }
}
