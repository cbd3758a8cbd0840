//! Races in every form they are shown in, and the step that made them unavoidable.

use stalelab::explorer::{Counterexample, Options, explore};
use stalelab::report::WIDTH;
use stalelab::report::race::{self, Colour, Race, ladder};
use stalelab::schedule::{
    Faults, Property, PropertySet, Scene, Script, explain, play, unavoidable,
};
use stalelab::strategies::{NoCache, TtlOnly, Visitor, find};
use stalelab::strategy::Strategy;
use stalelab::time::Span;

use crate::builtins::choice;
use crate::golden::change;

/// A built-in strategy's shortest race.
struct Found {
    strategy: &'static str,
    race: Counterexample,
    cause: String,
    unavoidable: Option<usize>,
}

/// Finds the races of a scene, all of them or those that violate what is wanted.
struct Find<'a>(&'a Scene, PropertySet);

impl Visitor for Find<'_> {
    type Output = Vec<(Counterexample, Option<usize>)>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let options = Options { wanted: self.1, ..Options::default() };
        let found = explore(strategy, self.0, &options).expect("a function of its replies");
        let with_step = |race: Counterexample| {
            let at = unavoidable(strategy, &race.scene, &race.steps, race.property);
            (race, at.expect("as before"))
        };
        found.counterexamples.into_iter().map(with_step).collect()
    }
}

fn races(strategy: &'static str, scene: &Scene, wanted: PropertySet) -> Vec<Found> {
    let choice = choice(find(strategy).expect("a built-in"));
    let races = choice.visit(Find(scene, wanted)).into_iter();
    let found = races.map(|(race, unavoidable)| {
        let cause = explain(&race.scene, &race.steps, race.property).sentence;
        Found { strategy, race, cause, unavoidable }
    });
    found.collect()
}

fn found(strategy: &'static str, scene: &Scene, property: Property) -> Found {
    let mut wanted = PropertySet::default();
    wanted.add(property, true);
    let mut races = races(strategy, scene, wanted).into_iter();
    races.find(|it| it.race.property == property).expect("it is violated")
}

impl Found {
    fn show<T>(&self, form: impl FnOnce(&Race<'_>) -> T) -> T {
        form(&Race {
            strategy: self.strategy,
            scene: &self.race.scene,
            steps: &self.race.steps,
            violates: &[self.race.property],
            cause: &self.cause,
            unavoidable: self.unavoidable,
            moments: &[],
            replay: "stalelab replay race.txt",
        })
    }

    fn ladder(&self) -> String {
        self.show(|it| ladder(it, Colour::Without))
    }
}

fn both() -> Scene {
    Scene::new(2, 2, 1, 1)
}

fn evict() -> Faults {
    Faults { evict: 1, ..Faults::default() }
}

fn crash() -> Faults {
    Faults { crash: 1, ..Faults::default() }
}

fn lose() -> Faults {
    Faults { lose: 1, ..Faults::default() }
}

fn expire() -> Faults {
    Faults { expire: 1, ..Faults::default() }
}

#[test]
fn every_form_is_as_it_was() {
    let mut changes = Vec::new();
    for (name, found) in [
        ("stale-set", found("delete-on-write", &both(), Property::Convergence)),
        ("evicted", found("versioned", &both().with(evict()), Property::Convergence)),
        ("lost-write", found("write-behind", &both().with(crash()), Property::NoLostWrite)),
        ("lost-delete", found("lease", &both().with(lose()), Property::Convergence)),
        ("replica", found("no-cache", &both().with_replicas(1), Property::NoStaleRead)),
    ] {
        let json = found.show(race::json);
        let json = format!("{json:#}\n");
        for (ending, text) in [
            ("ladder.txt", found.ladder()),
            ("schedule.txt", found.show(race::schedule)),
            ("json", json),
            ("mmd", found.show(race::mermaid)),
            ("puml", found.show(race::plantuml)),
            ("rust.txt", found.show(race::rust_test)),
        ] {
            changes.extend(change(&format!("races/{name}.{ending}"), &text));
        }
    }
    assert!(changes.is_empty(), "{}", changes.join("\n"));
}

#[test]
fn a_race_has_a_step_from_which_there_is_no_way_back() {
    use Property::{Convergence, NoLostWrite, NoStaleRead, ReadYourWrites, SingleFill};
    for (name, scene, property, step) in [
        // The delete has passed, and the fill is still to come.
        ("delete-on-write", both(), Convergence, "b: cache.delete x"),
        // The old row has been read, and is filled whatever the writer does.
        ("versioned", both().with(evict()), Convergence, "cache: evict x"),
        ("versioned", both().with(expire()), Convergence, "cache: expire x"),
        ("write-behind", both().with(crash()), NoLostWrite, "a: crash"),
        ("lease", both().with(lose()), Convergence, "b: lose cache.delete x"),
        // It is the read itself: the replica could have caught up first.
        ("no-cache", both().with_replicas(1), NoStaleRead, "a: db.read x -> v0"),
        ("delete-on-write", both(), SingleFill, "b: cache.get x -> miss"),
        // The fill could have waited for the read.
        ("ttl-only", Scene::new(1, 1, 2, 1), ReadYourWrites, "a: cache.set x v0"),
    ] {
        let found = found(name, &scene, property);
        let schedule = found.show(race::schedule);
        let steps = schedule.split("\n\n").nth(1).expect("the steps");
        let at = found.unavoidable.expect("it could have been avoided");
        assert_eq!(steps.lines().nth(at), Some(step), "{name}, {property}:\n{}", found.ladder());
    }
}

#[test]
fn what_is_kept_has_no_such_step() {
    let strategy = NoCache;
    let script = Script::parse("a: write x\n\na: db.write x\n").expect("it is a schedule");
    let player = play(&strategy, &script).expect("it fits");
    for property in Property::ALL {
        let step = unavoidable(&strategy, player.scene(), player.steps(), property);
        assert_eq!(step, Ok(None), "{property}");
    }
}

/// Races of every kind, the wide ones too.
fn many() -> Vec<Found> {
    let everything = Faults { evict: 1, expire: 1, crash: 1, lose: 1, miss: 1, time_out: 1 };
    let caches = Scene { cache_nodes: 2, ..Scene::new(2, 2, 1, 1) };
    let scenes = [Scene::new(2, 1, 2, 1).with(everything), both().with(everything), caches];
    let names = ["delete-on-write", "versioned", "lease", "write-through", "write-behind"];
    let pairs = names.iter().flat_map(|name| scenes.iter().map(move |scene| (*name, scene)));
    pairs.flat_map(|(name, scene)| races(name, scene, PropertySet::default())).collect()
}

#[test]
fn a_ladder_fits_the_screen_and_loses_nothing() {
    let (mut tables, mut broken, mut lists) = (0, 0, 0);
    for found in many() {
        let text = found.ladder();
        let lines = || text.lines().take_while(|line| !line.starts_with("replay:"));
        assert!(lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let steps = found.race.steps.len();
        let numbered =
            |line: &str| line.get(..3).is_some_and(|it| it.trim().parse::<u32>().is_ok());
        assert_eq!(lines().filter(|line| numbered(line)).count(), steps, "{text}");
        assert!(text.contains('✗') && text.contains(&found.race.property.to_string()), "{text}");
        match (text.contains("  database"), text.contains("\n      ")) {
            (false, _) => lists += 1,
            (true, true) => broken += 1,
            (true, false) => tables += 1,
        }
        let coloured = found.show(|it| ladder(it, Colour::With));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
        assert!(found.unavoidable.is_some() == text.contains("avoidable"), "{text}");
    }
    assert!(tables > 10 && broken > 2, "{tables} tables, {broken} broken, {lists} lists");
}

#[test]
fn too_many_columns_become_a_list_that_says_as_much() {
    let strategy = TtlOnly { ttl: Span::FOREVER, reply_before_fill: false };
    let plans: String = "abcdefghijkl".chars().map(|name| format!("{name}: read x\n")).collect();
    let text = format!("{plans}\na: cache.get x\na: db.read x\na: cache.set x\nb: cache.get x\n");
    let script = Script::parse(&text).expect("it is a schedule");
    let player = play(&strategy, &script).expect("it fits");
    let race = Race {
        strategy: "ttl-only",
        scene: player.scene(),
        steps: player.steps(),
        violates: &[],
        cause: "",
        unavoidable: None,
        moments: &[],
        replay: "none",
    };
    let shown = ladder(&race, Colour::Without);
    let expected = "  1  a: cache.get x → miss\n  2  a: db.read x → v0\n\
                    \x20 3  a: cache.set x v0 [cache: v0] answers v0\n\
                    \x20 4  b: cache.get x → v0 answers v0\nreplay: none\n";
    assert_eq!(shown, expected);
}

#[test]
fn a_diagram_begins_and_ends_what_it_shows() {
    for found in many() {
        for text in [found.show(race::mermaid), found.show(race::plantuml)] {
            let declared: Vec<&str> = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("participant "))
                .filter_map(|line| line.split(" as ").find(|it| !it.contains([' ', '"'])))
                .collect();
            let known = |id: &str| declared.contains(&id.trim());
            let mut active = Vec::new();
            for line in text.lines().map(str::trim) {
                if let Some(id) = line.strip_prefix("activate ") {
                    assert!(known(id) && !active.contains(&id), "{text}");
                    active.push(id);
                } else if let Some(id) = line.strip_prefix("deactivate ") {
                    let at = active.iter().position(|it| *it == id);
                    active.remove(at.unwrap_or_else(|| panic!("{id} was not active:\n{text}")));
                } else if let Some((ends, message)) = line.split_once(": ") {
                    assert!(!message.contains([':', ';', '#']), "{line}");
                    let note = ends.to_ascii_lowercase().starts_with("note over ");
                    let ends = if note { &ends["note over ".len()..] } else { ends };
                    let arrow = ["-->>", "->>", "-->", " ->x ", "->", "-x"];
                    let arrow = arrow.into_iter().find(|arrow| ends.contains(arrow));
                    assert!(arrow.is_some() != note, "{line}");
                    assert!(ends.split(arrow.unwrap_or("->")).all(known), "{line}");
                }
            }
        }
    }
}

#[test]
fn a_schedule_that_violates_nothing_is_a_test_that_plays_it() {
    let mut found = found("delete-on-write", &both(), Property::Convergence);
    found.race.steps.pop();
    let text = found.show(|it| race::rust_test(&Race { violates: &[], ..*it }));
    assert!(text.contains("fn delete_on_write_plays()") && text.ends_with(".play();\n}\n"));
    let plain = found.show(|it| {
        let race = Race { violates: &[], cause: "", unavoidable: None, ..*it };
        ladder(&race, Colour::Without)
    });
    assert!(!plain.contains('✗') && plain.ends_with("\nreplay: stalelab replay race.txt\n"));
}
