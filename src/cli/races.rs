//! How a schedule that was played is shown and saved.

use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::Value;
use stalelab::incident::Moment;
use stalelab::picture::{self, Size, Theme};
use stalelab::report::OutputFolder;
use stalelab::report::race::{self, Colour, Race};
use stalelab::schedule::{Property, Scene, Step, explain, unavoidable};
use stalelab::strategies::{Choice, Visitor};
use stalelab::strategy::Strategy;
use stalelab::webpage::{self, Told};

use super::args::quoted;
use super::exit::{Exit, Failure};
use super::output;

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
    /// A page to step through it, in one file
    Html,
    /// A picture whose texts are outlines, which looks the same everywhere
    Svg,
    /// A picture in pixels
    Png,
}

impl Form {
    /// Whether it is a file of its own: two of them one after another are not one.
    pub(crate) const fn is_file(self) -> bool {
        matches!(self, Form::Html | Form::Svg | Form::Png)
    }
}

/// How pictures are drawn.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PictureArgs {
    /// Colours of pictures
    #[arg(long, value_name = "THEME", default_value = "light", value_parser = theme)]
    pub(crate) theme: Theme,
    /// Size of pictures
    #[arg(long, value_name = "SIZE", default_value = "1920x1080", value_parser = size)]
    pub(crate) size: Size,
}

fn theme(name: &str) -> Result<Theme, String> {
    Theme::find(name).ok_or_else(|| "light or dark".to_owned())
}

fn size(name: &str) -> Result<Size, String> {
    Size::find(name).ok_or_else(|| {
        let names: Vec<&str> = Size::ALL.iter().map(|size| size.name()).collect();
        names.join(", ")
    })
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
    /// When each step was made, if that is known.
    pub(crate) moments: &'a [Moment],
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

/// Shows a schedule in a form, with the command that shows it again. Given a folder, the schedule
/// is written there first, and so are pictures, which are printed otherwise.
pub(crate) fn show(
    shown: &Shown<'_>,
    form: Form,
    pictures: PictureArgs,
    save: Option<&Path>,
    again: &str,
) -> Result<(), Failure> {
    with_race(shown, save, again, |race| {
        output::print(&match form {
            Form::Ladder => race::ladder(race, Colour::With) + "\n",
            Form::Schedule => race::schedule(race),
            Form::Json => format!("{:#}\n", race::json(race)),
            Form::Mermaid => race::mermaid(race),
            Form::Plantuml => race::plantuml(race),
            Form::Rust => race::rust_test(race),
            Form::Html => return page(race, save),
            Form::Svg | Form::Png => return draw(race, form, pictures, save),
        })
    })
}

/// A schedule as JSON. Given a folder, it is written there, too.
pub(crate) fn document(
    shown: &Shown<'_>,
    save: Option<&Path>,
    again: &str,
) -> Result<Value, Failure> {
    with_race(shown, save, again, |race| Ok(race::json(race)))
}

/// Does something with all there is to say of a schedule, which is written first if there is a
/// folder.
fn with_race<T>(
    shown: &Shown<'_>,
    save: Option<&Path>,
    again: &str,
    then: impl FnOnce(&Race<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Shown { strategy, choice, scene, steps, violates, moments, .. } = *shown;
    let cause = shown.cause();
    let unavoidable = choice.visit(shown);
    let (cause, replay) = (cause.as_str(), again);
    let mut race = Race { strategy, scene, steps, violates, cause, unavoidable, moments, replay };
    let played = save.map(|folder| write_schedule(folder, &race)).transpose()?;
    race.replay = played.as_deref().unwrap_or(again);
    then(&race)
}

/// A page about a race, in a file if there is a folder.
fn page(race: &Race<'_>, save: Option<&Path>) -> Result<(), Failure> {
    let heading = race::picture::title(race);
    let page = webpage::page(&Told { heading: &heading, origin: "", race: *race });
    let Some(folder) = save else {
        return output::print(&page);
    };
    let (folder, name) = (OutputFolder::create(folder)?, format!("{}.html", stem(race)));
    folder.write(&name, page.as_bytes())?;
    output::chat(&format!("{}\n", folder.path().join(name).display()));
    Ok(())
}

/// Draws a race, into files if there is a folder.
fn draw(
    race: &Race<'_>,
    form: Form,
    look: PictureArgs,
    save: Option<&Path>,
) -> Result<(), Failure> {
    let internal = |error: picture::RenderError| Failure::new(Exit::Internal, error.to_string());
    let drawn = race::picture::pictures(race, look.style());
    let files = drawn.iter().map(|drawn| match form {
        Form::Png => picture::png(&drawn.svg).map_err(internal),
        _ => picture::outline(&drawn.svg).map(String::into_bytes).map_err(internal),
    });
    let files = files.collect::<Result<Vec<_>, Failure>>()?;
    let extension = if form == Form::Png { "png" } else { "svg" };
    let Some(folder) = save else {
        return match files.as_slice() {
            [one] => output::print_bytes(one, extension),
            parts => {
                let message = format!(
                    "{} steps are too many for one picture of {}, and make {}: give --save DIR to \
                     have them as files",
                    race.steps.len(),
                    look.size.name(),
                    parts.len()
                );
                Err(Failure::new(Exit::Usage, message))
            }
        };
    };
    let (folder, stem) = (OutputFolder::create(folder)?, stem(race));
    for (index, bytes) in files.iter().enumerate() {
        let part = if files.len() > 1 { format!(".{}", index + 1) } else { String::new() };
        let name = format!("{stem}{part}.{extension}");
        folder.write(&name, bytes)?;
        output::chat(&format!("{}\n", folder.path().join(name).display()));
    }
    Ok(())
}

/// What a race's files are called.
fn stem(race: &Race<'_>) -> String {
    let is_word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let strategy: String = race.strategy.chars().map(is_word).collect();
    let strategy = strategy.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    let property = race.violates.first().map_or("schedule", |it| it.name());
    format!("{strategy}.{property}")
}

/// Writes the schedule into a folder. Returns the command that plays it.
fn write_schedule(folder: &Path, race: &Race<'_>) -> Result<String, Failure> {
    let name = format!("{}.txt", stem(race));
    OutputFolder::create(folder)?.write(&name, race::schedule(race).as_bytes())?;
    Ok(format!("stalelab replay {}", quoted(&folder.join(name).to_string_lossy())))
}
