//! What holds for every built-in strategy.

use stalelab::op::{Call, Job, Key};
use stalelab::strategies::{ALL, Choice, Info, ParamKind, ParamValue, ParamValues, Visitor};
use stalelab::strategy::{Authority, Strategy, serve};
use stalelab::task::Mailbox;
use stalelab::time::Span;

/// The strategy with its defaults; what has none lasts for ever.
pub(crate) fn choice(info: &Info) -> Choice {
    let value = |kind| match kind {
        ParamKind::RequiredSpan => ParamValue::Span(Span::FOREVER),
        ParamKind::OptionalSpan(default) => ParamValue::Span(default),
        ParamKind::Flag(default) => ParamValue::Flag(default),
    };
    let params = info.params.iter().map(|param| value(param.kind)).collect();
    Choice { name: info.name, params: ParamValues(params) }
}

/// The largest of a strategy's futures, and what it says of itself.
struct Inspect;

impl Visitor for Inspect {
    type Output = (usize, Authority, bool);

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let mailbox = Mailbox::default();
        let task = serve(strategy, &mailbox, Call::Job(Key(0), Job::default()));
        (size_of_val(&task), strategy.authority(), strategy.invalidates())
    }
}

#[test]
fn the_table_lists_them_in_the_order_of_the_catalogue() {
    let names: Vec<&str> = ALL.iter().map(|info| info.name).collect();
    assert_eq!(
        names,
        [
            "no-cache",
            "ttl-only",
            "delete-on-write",
            "delete-before-write",
            "double-delete",
            "update-on-write",
            "write-through",
            "write-behind",
            "versioned",
            "lease",
        ]
    );
}

#[test]
fn each_is_documented_under_the_same_four_headings() {
    for info in ALL {
        let headings: Vec<&str> =
            info.source.lines().filter_map(|line| line.strip_prefix("//! # ")).collect();
        let four = ["What it does", "What can go wrong", "Who uses it", "Shortest bad schedule"];
        assert_eq!(headings, four, "{}", info.name);
    }
}

#[test]
fn each_is_small_in_flight_and_says_truly_what_it_is() {
    for info in ALL {
        let (bytes, authority, invalidates) = choice(info).visit(Inspect);
        assert!(bytes <= 256, "{}: {bytes} bytes", info.name);
        let cache_rules = authority == Authority::Cache;
        assert_eq!(cache_rules, info.name == "write-behind", "{}", info.name);
        let passive = matches!(info.name, "no-cache" | "ttl-only");
        assert_eq!(invalidates, !passive, "{}", info.name);
    }
}
