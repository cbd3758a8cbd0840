//! A schedule as a ladder: one column per actor and component, one row per step.

use super::Race;
use super::causes::broken;
use super::cells::{GLUE, answer, changes, components, heads, row};
use crate::report::table::{BAD, HEADING, styled};
use crate::report::{WIDTH, hanging, wrap};
use crate::schedule::{Stage, Step, words};

/// Whether headings and violations are in colour. Nothing is told by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    #[default]
    Without,
    /// With the escape sequences of terminals.
    With,
}

/// One column per actor and component, one row per step, and in a component's column only what
/// the step changed. Marks the step that made the violation unavoidable and the one that observed
/// it. Ends with the cause and with how to see it again. Lines of at most
/// [`crate::report::WIDTH`] columns, the replay command aside.
pub fn ladder(race: &Race<'_>, colour: Colour) -> String {
    let mut text = String::new();
    for property in race.violates {
        let promise = format!("{property}: {}", property.promise());
        text.push_str(&format!("{}\n", colour.heading(&promise)));
    }
    text.push_str(&table(race, colour).unwrap_or_else(|| list(race, colour)));
    if !race.cause.is_empty() {
        text.push_str(&hanging("", 0, &format!("{}.", race.cause)));
    }
    text + &format!("replay: {}\n", race.replay)
}

impl Colour {
    fn heading(self, text: &str) -> String {
        if self == Colour::With { styled(HEADING, text) } else { text.to_owned() }
    }

    /// The lines under a step: that there is no way back from it, and what it violates, if it is
    /// the first that does, or a read that observes it.
    fn under(self, race: &Race<'_>, at: usize) -> String {
        let here: Vec<_> = broken(race, at).collect();
        let mut lines: Vec<String> = here.iter().map(|it| format!("✗ {it}")).collect();
        // It is the first violation that this is known of.
        if let (Some(index), Some(first)) = (race.unavoidable, race.violates.first())
            && index == at
        {
            match here.iter().position(|it| it == first) {
                Some(line) => lines[line].push_str(", avoidable until this step"),
                None if race.violates.len() == 1 => {
                    lines.push("! unavoidable from here on".to_owned());
                }
                None => lines.push(format!("! {first} unavoidable from here on")),
            }
        }
        let paint = |line: String| if self == Colour::With { styled(BAD, &line) } else { line };
        lines.into_iter().map(|line| format!("     {}\n", paint(line))).collect()
    }
}

/// Each step, and the world before it.
fn steps<'a>(race: &Race<'a>) -> impl Iterator<Item = (Option<&'a Stage>, &'a Step)> {
    let before = race.steps.iter().map(|step| Some(&step.stage));
    std::iter::once(None).chain(before).zip(race.steps)
}

/// The ladder, its cells broken into lines where it would be too wide; `None` if that is not
/// enough.
fn table(race: &Race<'_>, colour: Colour) -> Option<String> {
    let mut rows = vec![heads(race.scene)];
    rows[0].push(String::new());
    for (before, step) in steps(race) {
        let mut cells = row(race.scene, before, step);
        cells.push(answer(step));
        rows.push(cells);
    }
    // Those who ask for nothing are there only so that the others keep their names.
    let idle = |column: &usize| race.scene.sessions.get(*column).is_some_and(Vec::is_empty);
    for column in (0..rows[0].len()).rev().filter(idle) {
        rows.iter_mut().for_each(|row| drop(row.remove(column)));
    }
    let widths = widths(&rows)?;
    let mut text = String::new();
    for (index, cells) in rows.iter().enumerate() {
        let number = if index == 0 { String::new() } else { index.to_string() };
        for (place, line) in lines(cells, &widths).iter().enumerate() {
            let number = if place == 0 { number.as_str() } else { "" };
            let line = format!("{number:>3}  {line}");
            let line = line.trim_end();
            text.push_str(&if index == 0 { colour.heading(line) } else { line.to_owned() });
            text.push('\n');
        }
        if index > 0 {
            text.push_str(&colour.under(race, index - 1));
        }
    }
    Some(text.replace(GLUE, " "))
}

/// The number of a step, and the gaps between columns.
fn margins(columns: usize) -> usize {
    5 + 2 * columns.saturating_sub(1)
}

/// How wide each column is, the widest made narrower until all fit. `None` if they do not.
fn widths(rows: &[Vec<String>]) -> Option<Vec<usize>> {
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |column: usize, parts: fn(&str) -> Vec<&str>| {
        let parts = rows.iter().flat_map(|row| parts(&row[column]));
        parts.map(|part| part.chars().count()).max().unwrap_or(0)
    };
    let whole: fn(&str) -> Vec<&str> = |cell| vec![cell];
    let words: fn(&str) -> Vec<&str> = |cell| cell.split_whitespace().collect();
    let mut widths: Vec<usize> = (0..columns).map(|column| widest(column, whole)).collect();
    let least: Vec<usize> = (0..columns).map(|column| widest(column, words)).collect();
    while widths.iter().sum::<usize>() + margins(columns) > WIDTH {
        let wide = (0..columns).filter(|column| widths[*column] > least[*column]);
        let column = wide.max_by_key(|column| widths[*column])?;
        widths[column] -= 1;
    }
    Some(widths)
}

/// A row as lines of text.
fn lines(cells: &[String], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> =
        cells.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |place: usize| {
        let part = |(cell, width): (&Vec<String>, &usize)| {
            format!("{:<width$}", cell.get(place).map_or("", String::as_str))
        };
        cells.iter().zip(widths).map(part).collect::<Vec<_>>().join("  ")
    };
    (0..height).map(line).collect()
}

/// A row a step, for what is too wide for columns.
fn list(race: &Race<'_>, colour: Colour) -> String {
    let names = components(race.scene);
    let mut text = String::new();
    for (index, (before, step)) in steps(race).enumerate() {
        let done = words::step(race.scene, step.made, step.happening.operation);
        let changes = changes(race.scene, before, &step.stage);
        let changed = names.iter().zip(&changes).filter(|(_, change)| !change.is_empty());
        let changed = changed.map(|(name, change)| format!("[{name}: {change}]"));
        let parts = std::iter::once(done.replace("->", "→")).chain(changed).chain([answer(step)]);
        let words = parts.collect::<Vec<_>>().join(" ");
        text.push_str(&hanging(&format!("{:>3}", index + 1), 5, &words));
        text.push_str(&colour.under(race, index));
    }
    text
}
