//! How a schedule that was played is shown and saved.

use std::path::Path;

use clap::ValueEnum;
use stalelab::report::OutputFolder;
use stalelab::report::race::{self, Colour, Race};
use stalelab::schedule::{Property, Scene, Step, explain, unavoidable};
use stalelab::strategies::{Choice, Visitor};
use stalelab::strategy::Strategy;

use super::exit::Failure;

/// A form a schedule can be shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// One column per actor, one row per step
    #[default]
    Ladder,
    /// The text that `stalelab replay` plays
    Schedule,
    /// Every step and what it changed, for programs
    Json,
    /// A Mermaid sequence diagram
    Mermaid,
    /// A PlantUML sequence diagram
    Plantuml,
    /// A Rust test that pins the race
    Rust,
}

/// What was played, and what of it is to be shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// The strategy, as a schedule names it.
    pub(crate) strategy: &'a str,
    /// The same, to try what else could have happened.
    pub(crate) choice: &'a Choice,
    /// Who took part.
    pub(crate) scene: &'a Scene,
    /// What happened.
    pub(crate) steps: &'a [Step],
    /// What it violates.
    pub(crate) violates: &'a [Property],
    /// Why, if that is known already.
    pub(crate) sentence: Option<&'a str>,
}

impl Shown<'_> {
    /// Why it goes wrong, in a sentence.
    fn cause(&self) -> String {
        if let Some(sentence) = self.sentence {
            return sentence.to_owned();
        }
        let why = |property: &Property| explain(self.scene, self.steps, *property).sentence;
        self.violates.iter().map(why).find(|sentence| !sentence.is_empty()).unwrap_or_default()
    }
}

impl Visitor for &Shown<'_> {
    type Output = Option<usize>;

    /// The step that made the first violation unavoidable. What was played is a function of its
    /// replies: there is no error left to meet.
    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let property = self.violates.first()?;
        unavoidable(strategy, self.scene, self.steps, *property).unwrap_or(None)
    }
}

/// The schedule in a form, with the command that shows it again.
pub(crate) fn render(shown: &Shown<'_>, form: Form, replay: &str) -> String {
    let Shown { strategy, choice, scene, steps, violates, .. } = *shown;
    let cause = shown.cause();
    let unavoidable = choice.visit(shown);
    let race = Race { strategy, scene, steps, violates, cause: &cause, unavoidable, replay };
    match form {
        Form::Ladder => race::ladder(&race, Colour::With) + "\n",
        Form::Schedule => race::schedule(&race),
        Form::Json => race::json(&race),
        Form::Mermaid => race::mermaid(&race),
        Form::Plantuml => race::plantuml(&race),
        Form::Rust => race::rust_test(&race),
    }
}

/// Writes the schedule into a folder. Returns the command that plays it.
pub(crate) fn save(folder: &Path, shown: &Shown<'_>) -> Result<String, Failure> {
    let is_word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let strategy: String = shown.strategy.chars().map(is_word).collect();
    let strategy = strategy.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    let property = shown.violates.first().map_or("schedule", |it| it.name());
    let name = format!("{strategy}.{property}.txt");
    OutputFolder::create(folder)?.write(&name, render(shown, Form::Schedule, "").as_bytes())?;
    let path = folder.join(name);
    Ok(format!("stalelab replay {}", super::args::quoted(&path.to_string_lossy())))
}
