//! Races: a picture, the steps a violation rests on, and a table of what everybody has after each
//! step. The script walks through the table's rows.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Races, Told, both};
use crate::picture::{Area, Size, Style, Theme, escape, number};
use crate::report::race::picture::{Part, parts, title};
use crate::report::race::{self, Race, State, Wrong, holders, moment, states, wrongs};
use crate::schedule::{Property, Step, explain_last, words};

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
        let caption = caption(race, &light.steps);
        format!("<figure class=\"part\">{both}<figcaption>{caption}</figcaption></figure>\n")
    });
    let mut html =
        format!("<article class=\"race\" id=\"{id}\" aria-labelledby=\"{id}-heading\">\n");
    let _ = write!(
        html,
        "<h3 id=\"{id}-heading\" tabindex=\"-1\">{}</h3>\n<p>{}</p>\n<div class=\"player\" \
         hidden></div>\n<div class=\"stage\">\n<div class=\"pictures\">\n{}</div>\n<aside \
         class=\"panel\" aria-label=\"After this step\" hidden></aside>\n</div>\n",
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
        race::schedule(race).lines().map(escape).collect::<Vec<_>>().join("\n"),
        escape(race.replay),
    );
    html
}

/// What a picture shows, for those for whom its own words are too small.
fn caption(race: &Race<'_>, steps: &Range<usize>) -> String {
    let part = match steps.len() < race.steps.len() {
        true => format!(" Steps {} to {} of {}.", steps.start + 1, steps.end, race.steps.len()),
        false => String::new(),
    };
    escape(&format!("{}.{part}", title(race)))
}

/// Why it goes wrong, each time it does: the sentence, then the steps it rests on.
fn why(id: &str, race: &Race<'_>) -> String {
    let wrongs = wrongs(race);
    // The race's own cause is that of its first property.
    let first = race.violates.first().copied();
    let own = wrongs.iter().position(|it| first.is_none_or(|first| it.property == first));
    let told = wrongs.iter().enumerate().map(|(index, wrong)| {
        let steps = &race.steps[..=wrong.at];
        let cause = match wrong.property {
            _ if own == Some(index) => race.cause.to_owned(),
            property => explain_last(race.scene, steps, property).sentence,
        };
        reason(id, race, wrong, &cause, wrongs.len() > 1)
    });
    told.collect()
}

fn reason(id: &str, race: &Race<'_>, wrong: &Wrong, cause: &str, one_of_many: bool) -> String {
    if cause.is_empty() {
        return String::new();
    }
    let links = wrong.links.iter().map(|link| {
        let step = link.at + 1;
        let late = if race.unavoidable == Some(link.at) {
            " <em>From here on nothing could help.</em>"
        } else {
            ""
        };
        format!("<li><a href=\"#{id}/{step}\">Step {step}</a> {}{late}</li>\n", escape(&link.what))
    });
    let asked = match (wrong.property.is_of_reads(), one_of_many) {
        (true, false) => "Why was this read stale?".to_owned(),
        (true, true) => format!("Why was the read that step {} answers stale?", wrong.at + 1),
        (false, false) => "Why?".to_owned(),
        (false, true) => format!("Why does step {} violate {}?", wrong.at + 1, wrong.property),
    };
    let mut cause = cause.chars();
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
    let heads = holders(race.scene).into_iter();
    let heads = heads.map(|name| format!("<th scope=\"col\" class=\"has\">{}</th>", escape(&name)));
    let all = states(race);
    let is_timed = !race.moments.is_empty();
    let when = |words: &str| match is_timed {
        true => format!("<td class=\"when\">{words}</td>"),
        false => String::new(),
    };
    let mut rows = format!(
        "<tr data-step=\"0\"><td>0</td><td>at first</td>{}{}<td></td></tr>\n",
        when(""),
        cells(&all[0], None)
    );
    for (index, step) in race.steps.iter().enumerate() {
        let broken: Vec<&str> = step.violated.iter().map(Property::name).collect();
        // Not every stale read breaks a promise.
        let (class, broken) = match (broken.is_empty(), race.is_stale(index)) {
            (true, true) => (" class=\"violation stale\"", "stale read".to_owned()),
            (true, false) => ("", String::new()),
            (false, _) => (" class=\"violation\"", broken.join(", ")),
        };
        let _ = writeln!(
            rows,
            "<tr{class} data-step=\"{}\"{}><td>{0}</td><td>{}</td>{}{}<td>{}</td></tr>",
            index + 1,
            place(parts, index),
            escape(&said(race, step)),
            when(&race.moments.get(index).map(moment).unwrap_or_default()),
            cells(&all[index + 1], Some(&all[index])),
            broken,
        );
    }
    let when = if is_timed { "<th scope=\"col\">when</th>" } else { "" };
    let time = if is_timed { TIMED } else { UNTIMED };
    format!(
        "<details class=\"steps\" open><summary>Every step, and what everybody has after \
         it</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Steps\">\
         <table>\n<thead><tr><th scope=\"col\">#</th><th scope=\"col\">step</th>{when}{}<th \
         scope=\"col\">violates</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n<p \
         class=\"note\">{time} A row's value is its version. Vermillion: older than the newest \
         version.</p></details>\n",
        heads.collect::<String>()
    )
}

/// What the times of a race are.
const TIMED: &str = "Instants are those at which the steps took effect in the run, whose other \
                     steps are left out.";
const UNTIMED: &str = "This schedule has no times: a TTL, a lease or a lock ends only in a step \
                       that says so.";

/// A step in words, with what its client was answered.
fn said(race: &Race<'_>, step: &Step) -> String {
    let told = words::step(race.scene, step.made, step.happening.operation);
    let answered = step.happening.answered;
    let answered = answered.map(|it| format!("; the client is answered {}", words::outcome(it)));
    told.replace("-> ", "→ ") + &answered.unwrap_or_default()
}

fn cells(states: &[State], before: Option<&Vec<State>>) -> String {
    let cells = states.iter().enumerate().map(|(index, state)| {
        let is_new = before.is_some_and(|before| before[index].has != state.has);
        let classes = [(is_new, " new"), (state.is_old, " old")];
        let classes: String =
            classes.into_iter().filter_map(|(is, class)| is.then_some(class)).collect();
        let left = match state.left.as_str() {
            "" => String::new(),
            left => format!("<br><small>{}</small>", escape(left)),
        };
        format!("<td class=\"has{classes}\">{}{left}</td>", escape(&state.has))
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
