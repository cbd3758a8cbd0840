//! What the README shows of tests with stalelab, run: each paragraph with a strategy that passes.

use stalelab::schedule::{Property, Scene};
use stalelab::strategies::{DeleteOnWrite, Lease};
use stalelab::testing;
use stalelab::time::Span;

fn racy() -> DeleteOnWrite {
    DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false }
}

fn sound() -> Lease {
    Lease { ttl: Span::FOREVER, term: Span::from_secs(10), backoff: Span::from_millis(5) }
}

#[test]
fn an_exact_schedule() {
    let strategy = racy();
    // An exact schedule, and what each read returned.
    let played = testing::play(&strategy, include_str!("races/stale-set.txt"));
    assert_eq!(played.reads("c"), [0]);
}

#[test]
fn every_schedule() {
    let strategy = sound();
    // Every schedule: fails with the shortest race, saves it, and plays it first from then on.
    testing::search(&strategy, Scene::new(2, 2, 1, 1))
        .regressions("tests/races", "mine")
        .keeps(&[Property::Convergence, Property::NoStaleRead]);
}

#[test]
fn a_load() {
    let strategy = sound();
    // A scenario's load, seed after seed: fails with the smallest race behind the stale read.
    testing::seeds(&strategy, include_str!("shop.toml")).replications(20).no_stale_read();
}

#[test]
fn a_known_race() {
    let strategy = racy();
    // A known race: fails when it disappears.
    testing::pin(&strategy, include_str!("races/stale-set.txt"));
}

#[test]
fn the_readme_shows_what_is_run_here() {
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let source = trimmed(include_str!("guide.rs"));
    let readme = include_str!("../../README.md");
    let (_, shown) = readme.split_once("### In your tests\n").expect("the chapter");
    let (_, shown) = shown.split_once("```rust\n").expect("its code");
    let (shown, _) = shown.split_once("```\n").expect("the end");
    let paragraphs: Vec<&str> = shown.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 4);
    for paragraph in paragraphs {
        assert!(source.contains(trimmed(paragraph).trim_end()), "not run:\n{paragraph}");
    }
}
