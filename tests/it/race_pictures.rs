//! Races as pictures: nothing overlaps, nothing leaves the canvas, and the bytes stay the same.

use stalelab::explorer::{Options, explore};
use stalelab::picture::{Drawing, Size, Style, Theme, outline, png};
use stalelab::report::race::Race;
use stalelab::report::race::picture::pictures;
use stalelab::scenario::strategy;
use stalelab::schedule::{Faults, Property, Scene, Step, explain, unavoidable};
use stalelab::strategies::{ALL, Visitor};
use stalelab::strategy::Strategy;

use crate::golden;

/// A counterexample, with all that a picture needs.
struct Found {
    strategy: &'static str,
    scene: Scene,
    steps: Vec<Step>,
    property: Property,
    cause: String,
    unavoidable: Option<usize>,
}

impl Found {
    fn pictures(&self, theme: Theme, size: Size) -> Vec<Drawing> {
        let race = Race {
            strategy: self.strategy,
            scene: &self.scene,
            steps: &self.steps,
            violates: &[self.property],
            cause: &self.cause,
            unavoidable: self.unavoidable,
            replay: "stalelab replay races/a-rather-long-name-of-a-file.txt",
        };
        pictures(&race, Style { theme, size })
    }
}

/// Finds the shortest races of a strategy in a scene.
struct Finding<'a>(&'static str, &'a Scene);

impl Visitor for Finding<'_> {
    type Output = Vec<Found>;

    fn visit<S: Strategy>(self, it: &S) -> Self::Output {
        let found = explore(it, self.1, &Options::default()).expect("it is pure");
        let told = found.counterexamples.into_iter().map(|example| {
            let (scene, steps, property) = (example.scene, example.steps, example.property);
            let cause = explain(&scene, &steps, property).sentence;
            let unavoidable = unavoidable(it, &scene, &steps, property).expect("it is pure");
            Found { strategy: self.0, scene, steps, property, cause, unavoidable }
        });
        told.collect()
    }
}

/// The shortest races of every built-in strategy, in worlds in which all kinds of things befall.
fn races() -> Vec<Found> {
    let faults = Faults::default();
    let scenes = [
        Scene::new(1, 1, 2, 1).with(Faults { evict: 1, expire: 1, ..faults }),
        Scene::new(1, 1, 2, 1).with(Faults { crash: 1, lose: 1, ..faults }),
        Scene::new(1, 1, 2, 1).with(Faults { time_out: 1, ..faults }),
        Scene::new(1, 2, 1, 2),
        Scene::new(1, 1, 2, 1).with_replicas(2),
        Scene { cache_nodes: 2, ..Scene::new(1, 1, 2, 1) },
    ];
    let each = ALL.iter().flat_map(|info| scenes.iter().map(move |scene| (info.name, scene)));
    let found = each
        .flat_map(|(name, scene)| strategy(name).expect("a built-in").visit(Finding(name, scene)));
    found.collect()
}

#[test]
fn nothing_overlaps_or_leaves_the_canvas() {
    let races = races();
    assert!(races.len() > 100, "{}", races.len());
    let mut offences = Vec::new();
    for race in &races {
        for size in Size::ALL {
            for picture in race.pictures(Theme::Light, size) {
                let name = format!("{} {} {}", race.strategy, race.property, size.name());
                let found = picture.offences();
                offences.extend(found.into_iter().map(|offence| format!("{name}: {offence}")));
            }
        }
    }
    offences.dedup();
    assert!(
        offences.is_empty(),
        "{}\n{}",
        offences.len(),
        offences[..offences.len().min(40)].join("\n")
    );
}

fn stale_set() -> Found {
    let scene = Scene::new(1, 1, 1, 1);
    let found =
        strategy("delete-on-write").expect("a built-in").visit(Finding("delete-on-write", &scene));
    found.into_iter().find(|it| it.property == Property::Convergence).expect("the stale set")
}

#[test]
fn the_stale_set_looks_as_it_did() {
    let race = stale_set();
    for theme in Theme::ALL {
        let drawn = race.pictures(theme, Size::Slide);
        assert_eq!(drawn.len(), 1);
        golden::assert_golden(&format!("races/stale-set.{}.svg", theme.name()), &drawn[0].svg);
    }
}

#[test]
fn a_picture_is_outlined_and_rasterised_alike_each_time() {
    let draw = || stale_set().pictures(Theme::Dark, Size::Card).remove(0).svg;
    let (one, other) = (draw(), draw());
    assert_eq!(one, other);
    assert_eq!(outline(&one).expect("an SVG"), outline(&other).expect("an SVG"));
    assert_eq!(png(&one).expect("an SVG"), png(&other).expect("an SVG"));
    assert!(!outline(&one).expect("an SVG").contains("<text"));
}

#[test]
fn a_long_race_is_drawn_in_parts_that_say_so() {
    let mut race = stale_set();
    let more = race.steps.clone();
    race.steps.extend([more.clone(), more.clone(), more].concat());
    let drawn = race.pictures(Theme::Light, Size::Slide);
    assert_eq!(drawn.len(), 2);
    for (index, picture) in drawn.iter().enumerate() {
        let says = |what: &str| picture.texts.iter().any(|(text, _)| text.contains(what));
        assert!(says(&format!("part {} of 2", index + 1)) && says("too many for one picture"));
    }
    // A race of a dozen steps is one slide.
    race.steps.truncate(12);
    assert_eq!(race.pictures(Theme::Light, Size::Slide).len(), 1);
}
