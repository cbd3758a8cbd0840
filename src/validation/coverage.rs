//! What is not compared, and why.

/// Forms that no row compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCompared {
    /// Where they are in [`crate::theory`]: a module, an item of one, or a method.
    pub forms: &'static [&'static str],
    /// Why not, and what checks them instead.
    pub because: &'static str,
}

/// All of them. Every public form of [`crate::theory`] is here or in a row, and in one of them
/// only.
pub const NOT_COMPARED: &[NotCompared] = &[
    NotCompared {
        forms: &["metastability::stability"],
        because: "a verdict; the fill rates it rests on are compared",
    },
    NotCompared {
        forms: &[
            "stale_set::StaleSetRace::first_order",
            "stale_set::StaleSetRace::second_delete_that_suffices_s",
            "stampede::exponential_asymptote",
        ],
        because: "limits of forms that are compared; their tests hold them to those",
    },
    NotCompared {
        forms: &["fills::Fills::expiring", "fills::Fills::in_flight", "fills::Fills::refusing_old"],
        because: "what the chain is told; what it says is compared with and without",
    },
    NotCompared {
        forms: &["fills::Fills::off_for"],
        because: "how far the chain may be off; what is compared with it keeps to that",
    },
    NotCompared {
        forms: &["freshness::Bounded::polling_cost_per_s"],
        because: "so by definition: a poll in each interval, whatever is read and written",
    },
    NotCompared {
        forms: &["eviction::zipf_shares", "eviction::static_optimum"],
        because: "a load, and what no policy can beat; not what a cache does",
    },
];

/// Whether one of [`NOT_COMPARED`] is this form, or an item or module that has it.
pub fn is_not_compared(form: &str) -> bool {
    let within = |name: &&str| {
        form.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    NOT_COMPARED.iter().any(|group| group.forms.iter().any(&within))
}
