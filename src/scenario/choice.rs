//! A strategy named outside a scenario: on the command line, or in a schedule.

use super::Input;
use super::diagnostics::{Diagnostics, Sink};
use super::tree::{self, Value};
use super::variants;
use crate::strategies::{self, Choice, ParamKind, ParamValue, ParamValues};
use crate::time::Span;

/// What a bare name has for a duration that its strategy requires. Where there is no clock, only
/// whether something ends matters.
const REQUIRED: Span = Span::from_secs(1);

/// Reads a strategy as a variant names it, `{ versioned = { hold = "1s" } }`, or a bare name,
/// which takes the defaults, and one second for a duration that has none.
///
/// # Errors
/// The mistakes, and the text they point into.
pub fn strategy(text: &str) -> Result<Choice, Box<(Diagnostics, Input)>> {
    let text = text.trim();
    if let Some(info) = strategies::find(text) {
        let value = |kind| match kind {
            ParamKind::RequiredSpan => ParamValue::Span(REQUIRED),
            ParamKind::OptionalSpan(default) => ParamValue::Span(default),
            ParamKind::Flag(default) => ParamValue::Flag(default),
        };
        let params = info.params.iter().map(|param| value(param.kind)).collect();
        return Ok(Choice { name: info.name, params: ParamValues(params) });
    }
    let is_name = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let value = if is_name { format!("{{ {text} = {{}} }}") } else { text.to_owned() };
    let input = Input::from_text("the strategy", &format!("strategy = {value}\n"));
    let mut sink = Sink::default();
    let root = tree::read(&input.text, 0, &mut sink);
    let choice = match &root.value {
        Value::Table(entries) => {
            entries.first().and_then(|entry| variants::strategy(&entry.node, &mut sink))
        }
        _ => None,
    };
    match choice {
        Some(choice) if sink.list.is_empty() => Ok(choice),
        _ => Err(Box::new((Diagnostics::new(sink.list, Vec::new()), input))),
    }
}

/// A strategy as [`strategy()`] reads it: its name, and the parameters that differ from those of
/// the bare name.
pub fn strategy_text(choice: &Choice) -> String {
    let Choice { name, params } = choice;
    let bare = strategy(name).map(|bare| bare.params.0).unwrap_or_default();
    let info = strategies::find(name).map_or(&[][..], |info| info.params);
    let given = info.iter().zip(&params.0).enumerate();
    let given = given.filter(|(index, (_, value))| bare.get(*index) != Some(value));
    let given: Vec<String> = given
        .map(|(_, (param, value))| match value {
            ParamValue::Span(span) => format!("{} = \"{span}\"", param.name),
            ParamValue::Flag(flag) => format!("{} = {flag}", param.name),
        })
        .collect();
    match given.as_slice() {
        [] => (*name).to_owned(),
        given => format!("{{ {name} = {{ {} }} }}", given.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_takes_the_defaults() {
        let choice = strategy("double-delete").expect("a built-in");
        assert_eq!(choice.name, "double-delete");
        assert!(choice.params.0.contains(&ParamValue::Span(REQUIRED)));
    }

    #[test]
    fn parameters_are_given_as_in_a_variant() {
        let choice = strategy("{ versioned = { hold = \"3s\" } }").expect("a variant's strategy");
        assert_eq!(choice.params.0[1], ParamValue::Span(Span::from_secs(3)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for info in strategies::ALL {
            let bare = strategy(info.name).expect("a built-in");
            assert_eq!(strategy_text(&bare), info.name);
            let change = |value: &ParamValue| match value {
                ParamValue::Span(Span::FOREVER) => ParamValue::Span(Span::from_millis(1_500)),
                ParamValue::Span(_) => ParamValue::Span(Span::from_millis(7)),
                ParamValue::Flag(flag) => ParamValue::Flag(!flag),
            };
            let params = ParamValues(bare.params.0.iter().map(change).collect());
            let changed = Choice { params, ..bare };
            let text = strategy_text(&changed);
            assert_eq!(strategy(&text).expect("a variant's strategy"), changed, "{text}");
        }
    }

    #[test]
    fn mistakes_are_diagnosed_as_in_a_scenario() {
        for (text, says) in [
            ("versoned", "versioned"),
            ("{ lease = { trem = \"1s\" } }", "term"),
            ("{ lease = ", "S001"),
            ("", "S001"),
            ("42", "no strategy"),
        ] {
            let (diagnostics, input) = *strategy(text).expect_err("a mistake");
            let rendered = diagnostics.render(&input, false);
            assert!(rendered.contains(says), "{text}: {rendered}");
        }
    }
}
