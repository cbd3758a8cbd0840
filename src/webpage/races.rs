//! Races: a picture, the steps a violation rests on, and a table of what everybody has after each
//! step. The script walks through the table's rows.

use std::fmt::Write as _;

use super::{Races, Told, both};
use crate::picture::{Area, Size, Style, Theme, escape, number};
use crate::report::race::picture::{Part, parts};
use crate::report::race::{self, Race, State, holders, states};
use crate::schedule::{Property, chain, words};

/// All races, or why there are none.
pub(super) fn section(races: &Races<'_>) -> String {
    let mut html = String::new();
    if races.told.len() > 1 {
        let links = races.told.iter().enumerate().map(|(index, told)| {
            format!("<li><a href=\"#race-{}\">{}</a></li>\n", index + 1, escape(told.heading))
        });
        let _ = write!(html, "<ul class=\"tabs\">\n{}</ul>\n", links.collect::<String>());
    }
    for (index, told) in races.told.iter().enumerate() {
        html.push_str(&article(index + 1, told));
    }
    if !races.left_out.is_empty() {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(&races.left_out));
    }
    html
}

fn article(number: usize, told: &Told<'_>) -> String {
    let race = &told.race;
    let id = format!("race-{number}");
    let drawn = |theme| parts(race, Style { theme, size: Size::Slide });
    let (light, dark) = (drawn(Theme::Light), drawn(Theme::Dark));
    let pictures = light.iter().zip(&dark).map(|(light, dark)| {
        let both = both(&light.drawing.svg, &dark.drawing.svg);
        format!("<figure class=\"part\">{both}</figure>\n")
    });
    let mut html =
        format!("<article class=\"race\" id=\"{id}\" aria-labelledby=\"{id}-heading\">\n");
    let _ = write!(
        html,
        "<h3 id=\"{id}-heading\" tabindex=\"-1\">{}</h3>\n<p>{}</p>\n<div class=\"player\" \
         hidden></div>\n<aside class=\"panel\" aria-label=\"After this step\" \
         hidden></aside>\n<div class=\"pictures\">\n{}</div>\n",
        escape(told.heading),
        escape(told.origin),
        pictures.collect::<String>(),
    );
    html.push_str(&why(&id, race));
    html.push_str(&table(race, &light));
    let _ = write!(
        html,
        "<details><summary>The schedule</summary>\n<pre>{}</pre>\n<p>Again: <code>{}</code></p>\n\
         </details>\n</article>\n",
        escape(&race::schedule(race)),
        escape(race.replay),
    );
    html
}

/// Why it goes wrong: the sentence, then the steps it rests on.
fn why(id: &str, race: &Race<'_>) -> String {
    if race.cause.is_empty() {
        return String::new();
    }
    let property = race.violates.first().copied().unwrap_or(Property::NoStaleRead);
    let links = chain(race.scene, race.steps, property);
    let links = links.iter().map(|link| {
        let step = link.at + 1;
        let late = if race.unavoidable == Some(link.at) {
            " <em>From here on nothing could help.</em>"
        } else {
            ""
        };
        format!("<li><a href=\"#{id}/{step}\">Step {step}</a> {}{late}</li>\n", escape(&link.what))
    });
    let asked = if property.is_of_reads() { "Why was this read stale?" } else { "Why?" };
    let mut cause = race.cause.chars();
    let first = cause.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!(
        "<div class=\"why\"><h4>{asked}</h4>\n<p>{}{}.</p>\n<ol>\n{}</ol></div>\n",
        escape(&first),
        escape(cause.as_str()),
        links.collect::<String>()
    )
}

/// A row for each step, with what everybody has after it.
fn table(race: &Race<'_>, parts: &[Part]) -> String {
    let names = holders(race.scene);
    let heads = names.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name)));
    let all = states(race);
    let mut rows = format!(
        "<tr data-step=\"0\"><td>0</td><td>at first</td>{}<td></td></tr>\n",
        cells(&all[0], None)
    );
    for (index, step) in race.steps.iter().enumerate() {
        let told = words::step(race.scene, step.made, step.happening.operation);
        let told = told.replace("-> ", "→ ");
        let answered = step
            .happening
            .answered
            .map(|outcome| format!("; the client is answered {}", words::outcome(outcome)));
        let broken: Vec<&str> = step.violated.iter().map(Property::name).collect();
        let class = if broken.is_empty() { "" } else { " class=\"violation\"" };
        let _ = writeln!(
            rows,
            "<tr{class} data-step=\"{}\"{}><td>{0}</td><td>{}{}</td>{}<td>{}</td></tr>",
            index + 1,
            place(parts, index),
            escape(&told),
            answered.unwrap_or_default(),
            cells(&all[index + 1], Some(&all[index])),
            broken.join(", "),
        );
    }
    format!(
        "<details class=\"steps\" open><summary>Every step, and what everybody has after \
         it</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Steps\">\
         <table>\n<thead><tr><th scope=\"col\">#</th><th scope=\"col\">step</th>{}<th \
         scope=\"col\">violates</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n<p \
         class=\"note\">Between steps no time passes: a TTL, a lease or a lock ends only in a step \
         that says so. Vermillion: older than the newest version.</p></details>\n",
        heads.collect::<String>()
    )
}

fn cells(states: &[State], before: Option<&Vec<State>>) -> String {
    let cells = states.iter().enumerate().map(|(index, state)| {
        let is_new = before.is_some_and(|before| before[index].has != state.has);
        let classes = [(is_new, "new"), (state.is_old, "old")];
        let classes: Vec<&str> =
            classes.into_iter().filter_map(|(is, class)| is.then_some(class)).collect();
        format!("<td class=\"{}\">{}</td>", classes.join(" "), escape(&state.has))
    });
    cells.collect()
}

/// Where a step is: the number of its picture, and its row there.
fn place(parts: &[Part], step: usize) -> String {
    let found = parts.iter().position(|part| part.steps.contains(&step));
    found.map_or_else(String::new, |at| {
        let part = &parts[at];
        let Area { left, top, right, bottom } = part.rows[step - part.steps.start];
        let corners: Vec<String> =
            [left, top, right, bottom].iter().map(|it| number(*it)).collect();
        format!(" data-part=\"{at}\" data-row=\"{}\"", corners.join(" "))
    })
}
