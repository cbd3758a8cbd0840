//! Tells the observer what becomes of tasks, for those who want the story and not the numbers.

use super::kernel::Kernel;
use super::order;
use crate::observation::{Deed, Observer, What};
use crate::time::Time;

impl<O: Observer> Kernel<'_, O> {
    /// Something became of the task in a slot, or of the operation in it.
    #[inline]
    pub(super) fn tell(&mut self, slot: u32, at: Time, what: What) {
        if !O::WANTS_DEEDS {
            return;
        }
        let it = &self.slots[slot];
        let (request, job) = order::parts(it.order);
        let (client, call, began) = (it.client, it.call(), it.began);
        self.observer.deed(&Deed { request, job, client, call, began, at, what });
    }
}
