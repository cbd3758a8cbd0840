//! Whether a database kept up with its load, or its queue only grew.
//!
//! An open loop that offers more than the database can serve has no steady state: its figures
//! depend on how long one looked. Such a run must say so instead of printing them.

use super::Unstable;
use super::recorder::Window;
use super::timeline::Timeline;

/// Busier than this over the last half of the window, a database has nothing left to catch up.
const SATURATED: f64 = 0.995;

/// A queue shorter than this per connection may still be chance.
const QUEUE_PER_CONNECTION: f64 = 4.0;

/// Judges one run, or several of the same length added up: `runs` of them.
///
/// Unstable is a primary that was saturated throughout the last half of the window, with a queue
/// that is long at its end and longer than at half time by more than a quarter.
pub(super) fn instability(
    timeline: &Timeline,
    window: Window,
    connections: u32,
    runs: u32,
) -> Option<Unstable> {
    let width = timeline.width().0;
    let inside = |index: usize| window.contains(crate::time::Time(index as u64 * width));
    let measured: Vec<usize> = (0..timeline.buckets().len()).filter(|i| inside(*i)).collect();
    let (first_half, last_half) = measured.split_at(measured.len() / 2);
    let (middle, end) = (*first_half.last()?, *last_half.last()?);
    let seconds = (end - middle) as f64 * timeline.width().as_secs_f64();
    let busy: f64 = last_half.iter().map(|i| timeline.buckets()[*i].db_busy_ns as f64).sum();
    let capacity = seconds * 1e9 * f64::from(connections) * f64::from(runs);
    let queue = timeline.queue();
    let (at_middle, at_end) =
        (queue[middle] as f64 / f64::from(runs), queue[end] as f64 / f64::from(runs));
    let long = at_end > QUEUE_PER_CONNECTION * f64::from(connections) + 16.0;
    let grew = at_end > 1.25 * at_middle;
    (busy >= SATURATED * capacity && long && grew)
        .then(|| Unstable { queue_at_end: at_end, growth_per_s: (at_end - at_middle) / seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Span, Time};

    /// 120 s on 2 connections, busy for this share, with the queue growing by so much a second.
    fn timeline(busy: f64, growth: u64) -> (Timeline, Window) {
        let window = Window { start: Time::ZERO, end: Time::ZERO + Span::from_secs(120) };
        let mut timeline = Timeline::new(window.end);
        for second in 0..120u64 {
            let at = Time::ZERO + Span::from_secs(second);
            timeline.at(at).db_busy_ns = (2e9 * busy) as u128;
            let joining = if second == 0 { 5 } else { growth };
            (0..joining).for_each(|_| timeline.waits(at, Time::NEVER));
        }
        (timeline, window)
    }

    #[test]
    fn a_queue_that_only_grows_is_unstable() {
        let (timeline, window) = timeline(1.0, 10);
        let unstable = instability(&timeline, window, 2, 1).expect("saturated and growing");
        assert_eq!(unstable.queue_at_end, 1195.0);
        assert!((unstable.growth_per_s - 10.0).abs() < 0.01);
    }

    #[test]
    fn a_busy_database_that_keeps_up_is_stable() {
        let (steady, window) = timeline(1.0, 0);
        assert_eq!(instability(&steady, window, 2, 1), None);
        let (slack, window) = timeline(0.9, 10);
        assert_eq!(instability(&slack, window, 2, 1), None);
    }
}
