//! Theory beside simulation: every comparison for a terminal, and a summary for a README.

use super::number::{significant, with_half_width};
use crate::validation::{DEVIATIONS, Depth, NOT_COMPARED, Outcome, Row};

/// Every row, grouped by study, what they say together, and what is not compared.
pub fn validation(rows: &[Row], depth: Depth) -> String {
    let mut text = String::new();
    let mut title = String::new();
    for row in rows {
        let of_row = match row.shape {
            "-" => row.parameters.clone(),
            shape => format!("{}, {shape}", row.parameters),
        };
        if of_row != title {
            title = of_row;
            text.push_str(&format!("{title}\n"));
        }
        text.push_str(&line(row, depth));
    }
    text + "\n" + &verdict(rows, depth) + &not_compared()
}

/// A line for each reason.
fn not_compared() -> String {
    let mut text = String::from("Not compared, but checked by the tests of their own:\n");
    for group in NOT_COMPARED {
        text.push_str(&format!("  {}: {}\n", group.forms.join(", "), group.because));
    }
    text
}

fn line(row: &Row, depth: Depth) -> String {
    let mark = match row.outcome(depth) {
        Outcome::Agrees => "",
        Outcome::Differs => "  ✗ differs",
        Outcome::TooCoarse => "  ? too coarse",
    };
    let simulated = with_half_width(row.simulated, row.standard_error);
    format!(
        "  {:<34} theory {:>9}  simulated {simulated:>20}  {:>5} SE  told from {}{mark}\n",
        quantity(row, row.tolerance == 0.0, row.again),
        significant(row.formula, 5),
        format!("{:+.1}", row.deviation() + 0.0),
        percent(row.resolution()),
    )
}

/// What is compared, with a mark each if its form is approximate, if its rule was played out, and
/// if it was measured again.
fn quantity(row: &Row, exact: bool, again: bool) -> String {
    let mark = |is: bool, mark: &'static str| if is { mark } else { "" };
    let (near, played, again) = (mark(!exact, " ≈"), mark(row.played, " †"), mark(again, " ‡"));
    format!("{}{near}{played}{again}", row.quantity)
}

fn verdict(rows: &[Row], depth: Depth) -> String {
    let count = |outcome| rows.iter().filter(|row| row.outcome(depth) == outcome).count();
    let (agree, differ) = (count(Outcome::Agrees), count(Outcome::Differs));
    let coarse = count(Outcome::TooCoarse);
    let worst = rows.iter().map(|row| row.deviation().abs()).fold(0.0, f64::max);
    let mut text = format!(
        "{agree} of {} comparisons agree: simulation and formula are at most {DEVIATIONS} standard \
         errors apart\n(the farthest is {worst:.1}), plus what an approximation may be off.\n\
         `told from`: the smallest relative error of the formula that the row would have caught.\n",
        rows.len(),
    );
    if rows.iter().any(|row| row.tolerance > 0.0) {
        text.push_str("≈: an approximation, or a value that was binned.\n");
    }
    if rows.iter().any(|row| row.played) {
        text.push_str("†: the rule itself was played out; nothing of the load driver ran.\n");
    }
    if rows.iter().any(|row| row.again) {
        text.push_str(
            "‡: beyond 3.5 standard errors at first; this is a second look, four times as long \
             and with other seeds.\n",
        );
    }
    if differ + coarse > 0 {
        text.push_str(&format!("{differ} differ, {coarse} are too coarse to tell.\n"));
    }
    text
}

/// One line per form and quantity, as Markdown: over how many worlds, and the worst of each
/// figure.
pub fn validation_markdown(rows: &[Row], depth: Depth) -> String {
    let mut text = String::from(
        "| form | quantity | worlds | largest difference | in standard errors | told from |\n\
         | --- | --- | ---: | ---: | ---: | ---: |\n",
    );
    let mut done: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        let name = (row.form, row.quantity);
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let alike = || rows.iter().filter(|other| (other.form, other.quantity) == name);
        let largest = |figure: fn(&Row) -> f64| alike().map(figure).fold(0.0, f64::max);
        let fails = alike().any(|row| row.outcome(depth) != Outcome::Agrees);
        let exact = alike().all(|row| row.tolerance == 0.0);
        text.push_str(&format!(
            "| `{}` | {} | {} | {} | {:.1} | {}{} |\n",
            name.0,
            quantity(row, exact, alike().any(|row| row.again)),
            alike().count(),
            percent(largest(|row| row.relative().abs())),
            largest(|row| row.deviation().abs()),
            percent(largest(Row::resolution)),
            if fails { " ✗" } else { "" },
        ));
    }
    text
}

fn percent(ratio: f64) -> String {
    // Rounding errors are none.
    let ratio = if ratio < 1e-12 { 0.0 } else { ratio };
    match ratio > 0.0 {
        true => format!("{} %", significant(ratio * 100.0, 2)),
        false => "0 %".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(simulated: f64) -> Row {
        Row {
            quantity: "hit ratio",
            form: "ttl::TtlOnly::hit_ratio",
            shape: "-",
            parameters: "λ 1/s".to_owned(),
            played: false,
            again: false,
            formula: 0.5,
            tolerance: 0.0,
            simulated,
            standard_error: 0.001,
        }
    }

    #[test]
    fn what_is_played_or_approximate_is_marked() {
        let rows = [Row { played: true, again: true, tolerance: 0.01, ..row(0.5) }];
        let text = validation(&rows, Depth::Full);
        assert!(text.contains("hit ratio ≈ † ‡"), "{text}");
        assert!(text.contains("\n†: the rule itself") && text.contains("\n‡: beyond"), "{text}");
        assert!(validation_markdown(&rows, Depth::Full).contains("| hit ratio ≈ † ‡ | 1 |"));
    }

    #[test]
    fn what_differs_is_marked_and_counted() {
        let rows = [row(0.501), row(0.6)];
        let text = validation(&rows, Depth::Full);
        assert_eq!(text.matches("λ 1/s").count(), 1);
        assert_eq!(text.matches("✗ differs").count(), 1);
        assert!(text.contains("1 of 2 comparisons agree") && text.contains("1 differ, 0 are"));
        assert!(text.contains("\n  metastability::stability: a verdict"));
        assert!(!text.contains('†') && !text.contains('≈'));
        let markdown = validation_markdown(&rows, Depth::Full);
        assert!(
            markdown.contains(
                "| `ttl::TtlOnly::hit_ratio` | hit ratio | 2 | 20 % | 100.0 | 0.70 % ✗ |"
            )
        );
    }
}
