//! What `timeline.csv` says of the database: what waits there and what it finishes, bucket by
//! bucket, and nothing of what drains after load has stopped.

use stalelab::metrics::{BUCKETS, TimelinePoint};

use crate::support::compare;

/// The timeline of the only variant of a scenario.
fn timeline(text: &str) -> Vec<TimelinePoint> {
    let comparison = compare("timeline", text);
    comparison.variants[0].timeline.clone()
}

/// 200 clients ask at second 1, all at once, and again a second after their answer; a connection
/// answers one in 2 ms. A bucket is 25 ms long.
const BURST: &str = r#"
duration = "3s"
replications = 2

[workload]
clients = 200
arrivals = { closed = { think = "1s" } }
read_share = 1.0
keys = 10

[database]
connections = 1
link = "0s"
read = "2ms"
DATABASE

[[variant]]
strategy = { no-cache = {} }
"#;

#[test]
fn the_queue_is_what_waits_at_the_end_of_a_bucket() {
    let timeline = timeline(&BURST.replace("DATABASE", ""));
    assert_eq!(timeline.len(), BUCKETS);
    assert_eq!(timeline[39].db_queue, 0.0, "nobody has asked yet");
    // Nothing seen in two times 25 ms may as well have come 60 times a second.
    assert!((timeline[39].rate_of_0_at_most - 60.0).abs() < 1e-9);
    // Of those that came at second 1, one has left the queue at once and one every 2 ms since.
    let waiting = |millis: u32| f64::from(200 - millis.div_ceil(2));
    for (bucket, millis) in [(40, 25), (41, 50), (45, 150), (54, 375)] {
        assert_eq!(timeline[bucket].db_queue, waiting(millis), "{millis} ms after the burst");
    }
    assert!(timeline[56..80].iter().all(|point| point.db_queue == 0.0), "all were served");
}

#[test]
fn the_queue_is_the_sum_over_stations() {
    let replicas = "replicas = 2\nreads_from = \"replica\"";
    let timeline = timeline(&BURST.replace("DATABASE", replicas));
    assert_eq!(timeline[41].db_queue, 150.0, "two have left every 2 ms");
}

#[test]
fn what_drains_after_the_end_is_in_no_bucket() {
    let overload = r#"
        duration = "10s"
        replications = 1
        [workload]
        arrivals = { poisson = { rate = 1000.0 } }
        read_share = 1.0
        keys = 10
        [database]
        connections = 2
        read = "5ms"
        [[variant]]
        strategy = { no-cache = {} }
    "#;
    let timeline = timeline(overload);
    let last = timeline[BUCKETS - 1];
    // Each of two connections finishes 16 or 17 reads in a bucket, which is a twelfth of a second.
    let most = 34.0 * BUCKETS as f64 / 10.0;
    assert!(timeline.iter().all(|point| point.db_reads_per_s <= most), "{last:?}");
    assert!(last.db_reads_per_s > 380.0 && last.db_queue > 5_500.0, "{last:?}");
}
