//! What a scenario puts after the end of a run. Where a duration is given, reading finds it; where
//! a trace decides, only whoever has read the trace can tell.

use super::diagnostics::{Diagnostics, Place, Sink};
use super::{Checked, Scenario};
use crate::time::{Span, Time};

/// What would never happen, since the run is over before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLate {
    /// The fault, an index into [`Scenario::faults`]; `None` is the measured window.
    pub fault: Option<usize>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Where a scenario says what may turn out to be too late.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) warmup: Place,
    /// `at` of each fault.
    pub(super) faults: Vec<Place>,
}

impl Scenario {
    /// What would never happen in a run of the variant of this name, whose load stops at `end`.
    pub fn too_late(&self, variant: &str, end: Time) -> Vec<TooLate> {
        let length = (end - Time::ZERO).rounded();
        let whose = format!("the run of {variant:?}");
        let window = (Time::ZERO + self.warmup >= end).then(|| TooLate {
            fault: None,
            message: format!(
                "the warm-up lasts {}, when {whose} is over ({length}): nothing is measured",
                self.warmup
            ),
        });
        let faults = self.faults.iter().enumerate().filter(|(_, fault)| fault.at >= end);
        let faults = faults.map(|(index, fault)| TooLate {
            fault: Some(index),
            message: starts_too_late(fault.at, &whose, length),
        });
        window.into_iter().chain(faults).collect()
    }
}

/// What is wrong with a fault that starts when a run is over.
pub(super) fn starts_too_late(at: Time, whose: &str, length: Span) -> String {
    format!("the fault starts at {}, when {whose} is over ({length})", at - Time::ZERO)
}

/// What to do about it.
pub(super) const HELP: &str = "`at` counts from the start of the run, warm-up included";

impl Checked {
    /// The same with places, to be shown with the scenario's text.
    pub fn point_out(&self, found: &[TooLate]) -> Diagnostics {
        let mut sink = Sink::default();
        for TooLate { fault, message } in found {
            let place = fault.and_then(|index| self.places.faults.get(index));
            match place {
                Some(place) => sink.error_with_help("S012", place, message.clone(), HELP),
                None => sink.error("S005", &self.places.warmup, message.clone()),
            }
        }
        self.warnings.instead(sink.list)
    }
}
