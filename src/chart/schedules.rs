//! How many states a search of every interleaving reached, against how many promises it had found
//! broken by then: a step curve for each variant's strategy.

use super::explored::{Explored, Search, Violation};
use super::frame::Titles;
use super::lines::{Series, all, beside_labels, draw as draw_lines, said};
use super::page::{Heading, Page};
use super::run::Run;
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Drawing, Look, Style};

/// Lines at one height are drawn this far from each other, all of them together.
const APART: f64 = 0.36;

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let explored = run.explored().filter(|it| !it.searches.is_empty());
    let explored = explored.ok_or_else(|| NotDrawn("no strategy was explored".into()))?;
    let series = all(run, style.theme, |index, look| {
        let search = explored.searches.iter().find(|it| it.variant == index);
        let search = search.ok_or_else(|| "not explored".to_owned())?;
        Ok(series(run, search, look))
    });
    let subtitle = format!(
        "Promises found broken, by the states a search of every interleaving had reached, within \
         {}. A state stands for all schedules that lead to it. Lines at one height are drawn \
         apart.",
        explored.bounds,
    );
    let mut page = Page::new(run, style, Heading { title: title(run, explored), subtitle });
    let states = explored.searches.iter().map(|it| it.states as f64).fold(1.0, f64::max);
    let most = explored.searches.iter().map(|it| it.violations.len()).max().unwrap_or(0);
    let x = Scale::log(1.0, states, words::tick);
    let mut y = Scale::exact(-APART, most.max(1) as f64 + APART, |_| String::new());
    y.ticks = (0..=most.max(1)).map(|it| (it as f64, it.to_string())).collect();
    let titles = Titles { x: "states explored", y: "promises found broken" };
    let plot = beside_labels(&mut page, &series, (x, y), titles);
    draw_lines(&mut page, &plot, &series, 5.0);
    Ok(page.finish(&said(&series)))
}

/// The violations of a search in the order in which they were found.
fn found(search: &Search) -> Vec<&Violation> {
    let mut found: Vec<&Violation> = search.violations.iter().collect();
    found.sort_by_key(|it| (it.states, it.steps));
    found
}

fn series(run: &Run, search: &Search, look: Look) -> Series {
    let (many, place) = (run.variants.len() as f64, search.variant as f64);
    let shift = if many > 1.0 { APART * (0.5 - place / (many - 1.0)) } else { 0.0 };
    let found = found(search);
    let mut points = vec![(1.0, shift)];
    let dots: Vec<(f64, f64)> = found
        .iter()
        .enumerate()
        .map(|(index, it)| (it.states as f64, index as f64 + 1.0 + shift))
        .collect();
    points.extend(&dots);
    points.push((search.states as f64, found.len() as f64 + shift));
    let end = if search.complete { "all there are" } else { "cut short" };
    let states = words::about(search.states as f64);
    let note = match found.first() {
        Some(first) => format!(
            "first: {}, in {} · after {} · {states} states, {end}",
            first.promise,
            words::many(first.steps, "step"),
            words::about(first.states as f64)
        ),
        None => format!("none in {states} states, {end}"),
    };
    let name = &run.variants[search.variant].name;
    Series { note, dots, steps: true, ..Series::new(look, name, points) }
}

/// Where the first violation was found soonest, and what had none in all states there are.
fn title(run: &Run, explored: &Explored) -> String {
    let name = |search: &Search| words::short(&run.variants[search.variant].name);
    let first = |it: &Search| found(it).first().map(|it| (it.states, it.steps));
    let Some((states, steps)) = explored.searches.iter().filter_map(first).min() else {
        let all = explored.searches.iter().all(|it| it.complete);
        let end = if all { "in any state there is" } else { "as far as the search went" };
        return format!("No promise found broken {end}");
    };
    let soonest = explored.searches.iter().filter(|it| first(it) == Some((states, steps)));
    let kept = explored.searches.iter().filter(|it| it.complete && it.violations.is_empty());
    let kept: Vec<String> = kept.map(name).collect();
    let kept =
        if kept.is_empty() { kept } else { vec![format!(". {}: none", words::listed(&kept))] };
    format!(
        "{}: first broken promise after {} states, shortest race {}{}",
        words::listed(&soonest.map(name).collect::<Vec<_>>()),
        words::about(states as f64),
        words::many(steps, "step"),
        kept.concat()
    )
}
