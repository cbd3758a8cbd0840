//! Known transients are found where they end; noise is none.

use core::f64::consts::TAU;

use super::*;
use crate::random::{Streams, standard_normal, unit_exponential};

/// Noise of which each member keeps so much of the one before.
fn noise(seed: u64, correlation: f64) -> Vec<f64> {
    let mut rng = Streams::new(seed).stream("noise");
    let mut level = standard_normal(&mut rng);
    let mut next = || {
        let fresh = (1.0 - correlation * correlation).sqrt() * standard_normal(&mut rng);
        level = correlation * level + fresh;
        level
    };
    (0..120).map(|_| next()).collect()
}

/// A level of 1 that is reached from `begin`, with noise.
fn series(seed: u64, begin: f64, approach: impl Fn(usize) -> f64) -> Vec<f64> {
    let noise = noise(seed, 0.3);
    let level = |index: usize| 1.0 + (begin - 1.0) * approach(index) + 0.02 * noise[index];
    (0..120).map(level).collect()
}

#[test]
fn a_ramp_a_step_and_a_decay_are_found_where_they_end() {
    let mut overs = Vec::new();
    for seed in 0..200 {
        let step = series(seed, 0.5, |index| if index < 30 { 1.0 } else { 0.0 });
        let over = cut(&step, 0).flatten().expect("it settles");
        assert!((30..=60).contains(&over), "{seed}: {over}");
        overs.push(over);
        assert_eq!(cut(&step, 29), None, "one bucket of 91 makes no difference: {seed}");
        assert_eq!(cut(&step, 60), None, "{seed}");
        let ramp = series(seed, 0.0, |index| (40.0 - index as f64).max(0.0) / 40.0);
        let over = cut(&ramp, 5).flatten().expect("it settles");
        assert!((36..=60).contains(&over), "{seed}: {over}");
        // Within the noise, 2 % of it, after 4 time constants of 8 buckets.
        let decay = series(seed, 3.0, |index| libm::exp(-(index as f64) / 8.0));
        let over = cut(&decay, 0).flatten().expect("it settles");
        assert!((20..=60).contains(&over), "{seed}: {over}");
        assert!(cut(&decay, 16).is_some(), "{seed}");
        assert_eq!(cut(&decay, 60), None, "{seed}");
    }
    // By chance MSER cuts late now and then.
    overs.sort_unstable();
    assert!(overs[100] <= 31 && overs[180] <= 45, "{overs:?}");
}

#[test]
fn what_never_settles_is_told() {
    for seed in 0..200 {
        let trend = series(seed, 0.0, |index| 1.0 - index as f64 / 120.0);
        assert_eq!(cut(&trend, 10), Some(None), "{seed}");
        let slow = series(seed, 0.0, |index| libm::exp(-(index as f64) / 60.0));
        assert_eq!(cut(&slow, 10), Some(None), "{seed}");
    }
}

/// The share of series without a transient of which something is said.
fn false_alarms(many: u64, window: usize, series: impl Fn(u64) -> Vec<f64>) -> f64 {
    let said = (0..many).filter(|seed| cut(&series(*seed), window).is_some()).count();
    said as f64 / many as f64
}

#[test]
fn of_steady_noise_next_to_nothing_is_said() {
    for (correlation, most) in [(0.0, 0.001), (0.5, 0.002), (0.8, 0.015), (0.9, 0.05)] {
        for (window, spread) in [(0, 0.2), (30, 0.02)] {
            let share = false_alarms(3_000, window, |seed| {
                noise(seed, correlation).iter().map(|one| 1.0 + spread * one).collect()
            });
            assert!(share <= most, "{share} at {correlation}, from {window}");
        }
    }
}

/// Bursts of exponential size, so many in a bucket.
fn bursts(seed: u64, rate: f64) -> Vec<f64> {
    let mut rng = Streams::new(seed).stream("bursts");
    let mut values = vec![0.0; 120];
    let mut at = unit_exponential(&mut rng) / rate;
    while at < 120.0 {
        values[at as usize] += unit_exponential(&mut rng);
        at += unit_exponential(&mut rng) / rate;
    }
    values
}

#[test]
fn bursts_of_what_is_rare_are_no_beginning() {
    for rate in [0.1, 1.0, 3.0, 10.0] {
        let share = false_alarms(2_000, 0, |seed| bursts(seed, rate));
        assert!(share <= 0.003, "{share} at {rate} a bucket");
    }
}

#[test]
fn what_comes_and_goes_for_ever_is_no_beginning() {
    // Copies that expire together, again and again: a period is 12 buckets, or half of one.
    for period in [12.0, 6.0, 0.5] {
        let wave: Vec<f64> =
            (0..120).map(|index| 0.9 + 0.1 * libm::sin(f64::from(index) / period * TAU)).collect();
        assert_eq!(cut(&wave, 0), None, "{period}");
    }
}

#[test]
fn times_are_rounded_up_to_what_a_person_would_write() {
    for (span, two_digits, in_fives) in [
        (Span::from_millis(43_010), "44s", "45s"),
        (Span::from_millis(40_000), "40s", "40s"),
        (Span::from_millis(4_210), "4300ms", "4500ms"),
        (Span::from_secs(312), "320s", "350s"),
        (Span(7), "7ns", "10ns"),
    ] {
        assert_eq!(rounded_up(span, 1).to_string(), two_digits);
        assert_eq!(rounded_up(span, 5).to_string(), in_fives);
    }
}

#[test]
fn a_note_names_what_changes_and_what_to_set() {
    let second = |number| Time::ZERO + Span::from_secs(number);
    let window = Window { start: second(10), end: second(130) };
    let over = Some(Time(43_333_333_333));
    let settled = Transient { series: "hit ratio", over, end: second(130) };
    assert_eq!(
        settled.note(window),
        "Still warming up until about 44s (hit ratio), and the measured window begins at 10s. \
         Leave that out with --set warmup=45s."
    );
    let at_once = settled.note(Window { start: Time::ZERO, ..window });
    assert!(at_once.contains("(hit ratio), and there is no warm-up. "), "{at_once}");

    let never = Transient { over: None, ..settled };
    let said = never.note(window);
    assert!(said.starts_with("Too short to tell a steady state: the hit ratio was still changing"));
    assert!(said.contains("changing at the end."), "{said}");
    let said = Transient { end: second(40), ..never }.note(window);
    assert!(said.contains("changing when something broke at 40s."), "{said}");
}
