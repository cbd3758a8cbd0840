//! Tests of the interaction tree.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::op::Version;
use crate::strategy::Io;
use crate::time::Span;

const K: Key = Key(0);

struct CacheAside;

impl Strategy for CacheAside {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        if let Some(row) = io.cache.get(key).await? {
            return Ok(row);
        }
        let row = io.db.read(key).await?;
        io.cache.set(key, row, Span::FOREVER).await?;
        Ok(row)
    }
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.client.reply(row).await?;
        io.jobs.after(Span::ZERO, key, Job::default()).await?;
        Ok(row)
    }
}

fn waits(advance: &Advance) -> NodeId {
    match advance.then {
        Then::Waits(node) => node,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_path_of_replies_is_a_state() {
    let mut tree = Tree::new(&CacheAside, 1);
    let get = waits(&tree.start(Call::Read(K)).expect("pure"));
    let read = waits(&tree.advance(get, Reply::Row(None)).expect("pure"));
    assert_eq!(tree.node(read).op, Op::DbRead(K));
    assert!(tree.node(read).fills && !tree.node(get).fills);
    let row = Row::new(Version(3));
    let hit = tree.advance(get, Reply::Row(Some(row))).expect("pure");
    assert_eq!(hit.then, Then::Ends(Ok(row)));
    assert_eq!(waits(&tree.advance(get, Reply::Row(None)).expect("pure")), read);
    assert_eq!(tree.nodes.len(), 2, "what is known is not run again");
    tree.check().expect("pure");
}

#[test]
fn what_nobody_else_can_see_is_part_of_the_step_before() {
    let mut tree = Tree::new(&CacheAside, 1);
    let write = waits(&tree.start(Call::Write(K)).expect("pure"));
    let row = Row::new(Version(1));
    let end = tree.advance(write, Reply::Row(Some(row))).expect("pure");
    assert_eq!(
        end,
        Advance { answer: Some(row), jobs: vec![(K, Job::default())], then: Then::Ends(Ok(row)) }
    );
}

#[derive(Default)]
struct Counts(AtomicU32);

impl Strategy for Counts {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.cache.get(key).await?;
        if self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            io.cache.delete(key).await?;
        }
        io.db.read(key).await
    }
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }
}

#[test]
fn hidden_state_is_noticed_and_the_message_says_where_state_belongs() {
    let counts = Counts::default();
    let mut tree = Tree::new(&counts, 1);
    let get = waits(&tree.start(Call::Read(K)).expect("no choice yet"));
    let next = waits(&tree.advance(get, Reply::Row(None)).expect("nothing to compare with"));
    let error = tree.advance(next, Reply::Done).expect_err("it asks for something else now");
    assert!(matches!(error, TreeError::HiddenState { .. }));
    let message = error.to_string();
    assert!(message.contains("hidden state") && message.contains("component of the world"));
}

struct Waits;

impl Strategy for Waits {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        loop {
            io.jobs.after(Span::ZERO, key, Job::default()).await?;
        }
    }
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await
    }
}

#[test]
fn a_loop_without_an_end_is_an_error_and_not_a_hang() {
    let error = Tree::new(&Waits, 1).start(Call::Read(K)).expect_err("endless");
    assert!(error.to_string().contains("Retry"));
}
