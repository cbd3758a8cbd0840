//! How one strategy future is run, one operation at a time.
//!
//! [`Mailbox::resume`] is the one primitive every driver shares: hand a task the reply to its
//! last operation, get its next operation or its outcome. There is no waker and no runtime, and
//! nothing here knows what an operation means or when it takes effect.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::op::{Fault, Lease, Op, Outcome, Reply, Row, Token};

/// What a task does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It asks for this operation and waits for the reply.
    Op(Op),
    /// It is done.
    Done(Outcome),
}

/// Where a strategy's handles leave an operation and find its reply. One mailbox serves all
/// tasks of a driver, since a task is resumed only by [`Mailbox::resume`].
#[derive(Default)]
pub struct Mailbox {
    op: Cell<Option<Op>>,
    reply: Cell<Option<Reply>>,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

impl Mailbox {
    /// Runs `task` to its next operation or its end. `reply` answers its last operation; a task
    /// that has just been created has none, and starts.
    ///
    /// # Panics
    /// If the task awaits anything but its [`crate::strategy::Io`].
    #[inline]
    pub fn resume<F: Future<Output = Outcome>>(
        &self,
        task: Pin<&mut F>,
        reply: Option<Reply>,
    ) -> Next {
        self.reply.set(reply);
        match task.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Next::Done(outcome),
            Poll::Pending => {
                Next::Op(self.op.take().expect("a strategy may await only its Io, once at a time"))
            }
        }
    }
}

/// A reply, as the type an operation promises.
pub trait FromReply: Sized {
    /// The reply's content; `None` if the reply is of another operation, which is a driver's bug.
    fn from_reply(reply: Reply) -> Option<Self>;
}

macro_rules! from_reply {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {$(
        impl FromReply for $type {
            #[inline]
            fn from_reply(reply: Reply) -> Option<Self> {
                match reply { $pattern => Some($value), _ => None }
            }
        }
    )*};
}

from_reply! {
    (): Reply::Done => ();
    Option<Row>: Reply::Row(row) => row;
    Row: Reply::Row(Some(row)) => row;
    bool: Reply::Accepted(accepted) => accepted;
    Lease: Reply::Lease(lease) => lease;
    Option<Token>: Reply::Lock(token) => token;
}

/// An operation that was asked for; awaiting it gives the reply.
#[must_use = "an operation does nothing unless you `.await` it"]
#[derive(Debug)]
pub struct Ask<'a, T> {
    mailbox: &'a Mailbox,
    reply: PhantomData<fn() -> T>,
}

impl<'a, T> Ask<'a, T> {
    #[inline]
    pub(crate) fn new(mailbox: &'a Mailbox, op: Op) -> Ask<'a, T> {
        let waiting = mailbox.op.replace(Some(op));
        assert!(waiting.is_none(), "a strategy has one operation in flight at a time");
        Ask { mailbox, reply: PhantomData }
    }
}

impl<T: FromReply> Future for Ask<'_, T> {
    type Output = Result<T, Fault>;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.mailbox.reply.take() {
            None => Poll::Pending,
            Some(Reply::Fault(fault)) => Poll::Ready(Err(fault)),
            Some(reply) => {
                Poll::Ready(Ok(T::from_reply(reply).expect("a reply of the operation's own kind")))
            }
        }
    }
}

/// Futures of one type, each in a box that is reused for the next task: nothing is allocated
/// for a task once the slab has grown to the most tasks ever alive at once.
pub struct Slab<F> {
    slots: Vec<Pin<Box<Option<F>>>>,
}

impl<F> Default for Slab<F> {
    fn default() -> Slab<F> {
        Slab { slots: Vec::new() }
    }
}

impl<F> fmt::Debug for Slab<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slab").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}

impl<F> Slab<F> {
    /// Puts a task into a slot, dropping what was there.
    #[inline]
    pub fn put(&mut self, slot: usize, task: F) {
        while self.slots.len() <= slot {
            self.slots.push(Box::pin(None));
        }
        self.slots[slot].as_mut().set(Some(task));
    }

    /// The task in a slot, if one is there.
    #[inline]
    pub fn get(&mut self, slot: usize) -> Option<Pin<&mut F>> {
        self.slots.get_mut(slot)?.as_mut().as_pin_mut()
    }

    /// Drops the task in a slot: a crash, or its end.
    #[inline]
    pub fn clear(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.as_mut().set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{Call, Key, Version};
    use crate::strategy::{Io, Strategy, serve};
    use crate::time::Span;

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
            io.db.write(key).await
        }
    }

    #[test]
    fn a_task_is_run_one_operation_at_a_time() {
        let mailbox = Mailbox::default();
        let key = Key(3);
        let row = Row::new(Version(1));
        let mut slab = Slab::default();
        slab.put(2, serve(&CacheAside, &mailbox, Call::Read(key)));
        let mut step = |reply| mailbox.resume(slab.get(2).expect("put above"), reply);
        assert_eq!(step(None), Next::Op(Op::CacheGet(key)));
        assert_eq!(step(Some(Reply::Row(None))), Next::Op(Op::DbRead(key)));
        assert_eq!(
            step(Some(Reply::Row(Some(row)))),
            Next::Op(Op::CacheSet(key, row, Span::FOREVER))
        );
        assert_eq!(step(Some(Reply::Done)), Next::Done(Ok(row)));
    }

    #[test]
    fn a_fault_is_a_value_the_strategy_may_pass_on() {
        let mailbox = Mailbox::default();
        let mut slab = Slab::default();
        slab.put(0, serve(&CacheAside, &mailbox, Call::Read(Key(0))));
        let mut step = |reply| mailbox.resume(slab.get(0).expect("put above"), reply);
        step(None);
        assert_eq!(step(Some(Reply::Fault(Fault::Timeout))), Next::Done(Err(Fault::Timeout)));
    }

    #[test]
    fn a_task_stays_small() {
        let mailbox = Mailbox::default();
        let task = serve(&CacheAside, &mailbox, Call::Read(Key(0)));
        assert!(size_of_val(&task) <= 256, "{} bytes", size_of_val(&task));
    }
}
