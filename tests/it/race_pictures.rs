//! Races as pictures: nothing overlaps, nothing leaves the canvas, and the bytes stay the same.

use stalelab::explorer::{Options, explore};
use stalelab::incident::Moment;
use stalelab::picture::{Drawing, Size, Style, Theme, outline, png};
use stalelab::report::race::Race;
use stalelab::report::race::picture::pictures;
use stalelab::scenario::strategy;
use stalelab::schedule::{Faults, Property, Scene, Script, Step, explain, play, unavoidable};
use stalelab::strategies::{ALL, DeleteOnWrite, Visitor};
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};

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
        self.pictures_at(&[], theme, size)
    }

    /// The same for a race of a run, whose steps were made after these pauses, over and over.
    fn timed(&self, pauses: &[Span], size: Size) -> Vec<Drawing> {
        let mut at = Time::ZERO + Span::from_millis(7_664);
        let moment = |(index, _)| {
            at = at + pauses[index % pauses.len()];
            Moment { at, is_latest: index % 5 == 3 }
        };
        let moments: Vec<Moment> = self.steps.iter().enumerate().map(moment).collect();
        self.pictures_at(&moments, Theme::Light, size)
    }

    fn pictures_at(&self, moments: &[Moment], theme: Theme, size: Size) -> Vec<Drawing> {
        let race = Race {
            strategy: self.strategy,
            scene: &self.scene,
            steps: &self.steps,
            violates: &[self.property],
            cause: &self.cause,
            unavoidable: self.unavoidable,
            moments,
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

/// From nothing to a minute.
const PAUSES: &[Span] = &[
    Span::from_micros(310),
    Span::from_millis(2),
    Span::ZERO,
    Span::from_secs(59),
    Span::from_micros(14_200),
];

/// What begins above the footer and reaches into it.
fn in_the_footer(picture: &Drawing) -> Vec<String> {
    let footer = picture.texts.iter().find(|(text, _)| text.starts_with("stalelab replay"));
    let (_, footer) = footer.expect("every picture says how to see it again");
    let texts = picture.texts.iter();
    let into = texts.filter(|(_, it)| it.top < footer.top && it.bottom > footer.top);
    into.map(|(text, _)| format!("{text:?} reaches into the footer")).collect()
}

#[test]
fn nothing_overlaps_or_leaves_the_canvas() {
    let races = races();
    assert!(races.len() > 100, "{}", races.len());
    let mut offences = Vec::new();
    for race in &races {
        for size in Size::ALL {
            for picture in
                race.pictures(Theme::Light, size).into_iter().chain(race.timed(PAUSES, size))
            {
                let name = format!("{} {} {}", race.strategy, race.property, size.name());
                let mut found = picture.offences();
                found.extend(in_the_footer(&picture));
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

/// Six clients of four caches before a database with two replicas.
const WIDE: &str = "strategy: delete-on-write\ncaches: 4\nreplicas: 2\na: read x\nb: write x\n\
    c: read x\nd: read x\ne: read x\nf: write x\n\na: cache.get x -> miss\na: db.read x -> v0\n\
    b: db.write x -> v1\nb: cache.delete x\na: cache.set x v0\nc: cache.get x -> miss\n\
    c: db.read x -> v0\nc: cache.set x v0\nd: cache.get x -> miss\n";

#[test]
fn nothing_overlaps_on_many_lanes() {
    let script = Script::parse(WIDE).expect("a schedule");
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let player = play(&strategy, &script).expect("it fits");
    let mut race = stale_set();
    (race.scene, race.steps) = (player.scene().clone(), player.steps().to_vec());
    for size in Size::ALL {
        for picture in race.pictures(Theme::Light, size) {
            assert_eq!(picture.offences(), Vec::<String>::new(), "{}", size.name());
            // Names may be in two lines, and are whole.
            let all: Vec<&str> = picture.texts.iter().map(|(text, _)| text.as_str()).collect();
            let all = all.join(" ");
            for name in ["reader a", "writer f", "cache 4", "database", "replica 2"] {
                assert!(all.contains(name), "{name} in {all}");
            }
        }
    }
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

fn says(picture: &Drawing, what: &str) -> bool {
    picture.texts.iter().any(|(text, _)| text.contains(what))
}

#[test]
fn a_picture_says_what_its_distances_mean() {
    let race = stale_set();
    let untimed = &race.pictures(Theme::Light, Size::Slide)[0];
    assert!(says(untimed, "not to scale: this schedule has no times") && !says(untimed, "≈"));
    let timed = &race.timed(PAUSES, Size::Slide)[0];
    assert!(says(timed, "to scale along the solid line"));
    assert!(says(timed, "other requests are left out"));
    assert!(says(timed, "≈ 59.0 s") && says(timed, "≤ +59.00 s") && says(timed, "+59.02 s"));
    assert!(says(timed, "7.664 s"));
}

#[test]
fn every_violation_is_named_and_told() {
    let mut race = stale_set();
    race.property = Property::NoStaleRead;
    let script = "strategy: delete-on-write\na: read x\nb: write x\nc: read x, read x\n\n\
                  a: cache.get x -> miss\na: db.read x -> v0\nb: db.write x -> v1\n\
                  b: cache.delete x\na: cache.set x v0\nc: cache.get x -> v0\n\
                  c: cache.get x -> v0\n";
    let script = Script::parse(script).expect("a schedule");
    let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
    let player = play(&strategy, &script).expect("it fits");
    (race.scene, race.steps) = (player.scene().clone(), player.steps().to_vec());
    let picture = &race.pictures(Theme::Light, Size::Slide)[0];
    let many = |what: &str| picture.texts.iter().filter(|(text, _)| text.contains(what)).count();
    assert_eq!(many("✗ no-stale-read"), 2);
    assert!(says(picture, "⑤ reader c gets v0") && says(picture, "⑥ reader c gets v0"));
    assert!(says(picture, "at steps 6 and 7 of 7"), "{:?}", picture.texts);
}

#[test]
fn a_replica_that_lags_is_shaded() {
    let scene = Scene::new(1, 1, 1, 1).with_replicas(1);
    let found = strategy("no-cache").expect("a built-in").visit(Finding("no-cache", &scene));
    let race = found.iter().find(|it| it.property == Property::NoStaleRead).expect("a lag");
    assert!(race.pictures(Theme::Light, Size::Slide)[0].svg.contains("fill-opacity=\"0.1\""));
}
