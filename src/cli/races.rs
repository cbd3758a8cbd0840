//! How a schedule that was played is shown and saved.

use std::path::Path;

use clap::ValueEnum;
use stalelab::report::OutputFolder;
use stalelab::schedule::{Property, Scene, Script, Step, explain, words};

use super::exit::Failure;

/// A form a schedule can be shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// One column per actor, one row per step
    #[default]
    Ladder,
    /// The text that `stalelab replay` plays
    Schedule,
}

/// A schedule that was played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Race<'a> {
    /// The strategy, as a schedule names it.
    pub(crate) strategy: &'a str,
    /// Who took part.
    pub(crate) scene: &'a Scene,
    /// What happened.
    pub(crate) steps: &'a [Step],
    /// What it violates.
    pub(crate) violates: &'a [Property],
}

/// The schedule in a form, with the command that shows it again.
pub(crate) fn render(race: &Race<'_>, form: Form, replay: &str) -> String {
    match form {
        Form::Schedule => schedule(race),
        Form::Ladder => {
            let mut text = String::new();
            for property in race.violates {
                text.push_str(&format!("{property}: {}\n", property.promise()));
            }
            for (index, step) in race.steps.iter().enumerate() {
                let words = words::step(race.scene, step.made, step.happening.operation);
                text.push_str(&format!("{:>3}  {words}\n", index + 1));
            }
            for property in race.violates {
                let explained = explain(race.scene, race.steps, *property).sentence;
                text.push_str(&format!("{explained}.\n"));
            }
            text + &format!("replay: {replay}\n\n")
        }
    }
}

/// The schedule as text, with its cause as a comment.
fn schedule(race: &Race<'_>) -> String {
    let cause = race.violates.first().map(|it| explain(race.scene, race.steps, *it).sentence);
    let head = cause.filter(|it| !it.is_empty()).map(|it| format!("# {it}.\n"));
    let text = Script::of_steps(race.strategy, race.scene, race.steps, race.violates);
    head.unwrap_or_default() + &text
}

/// Writes the schedule into a folder. Returns the command that plays it.
pub(crate) fn save(folder: &Path, race: &Race<'_>) -> Result<String, Failure> {
    let is_word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let strategy: String = race.strategy.chars().map(is_word).collect();
    let strategy = strategy.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    let property = race.violates.first().map_or("schedule", |it| it.name());
    let name = format!("{strategy}.{property}.txt");
    OutputFolder::create(folder)?.write(&name, schedule(race).as_bytes())?;
    let path = folder.join(name);
    Ok(format!("stalelab replay {}", super::args::quoted(&path.to_string_lossy())))
}
