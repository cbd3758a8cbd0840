//! Order numbers: which of several events at one instant happens first.
//!
//! What was asked first happens first: requests go by the order in which they were invoked. Of
//! one request, the task itself goes before its jobs; and an operation whose task may have given
//! up on it goes before the task, so that a reply which arrives just in time still counts.
//!
//! A number has 36 bits: 26 for the request, 4 for the job, 6 for the operation. They start again
//! after so many, which changes who goes first at a tie, and nothing else.

const OPERATION_BITS: u32 = 6;
const JOB_BITS: u32 = 4;
const REQUEST_BITS: u32 = 26;

/// The operation bits of a task itself: after all its operations.
const TASK: u64 = (1 << OPERATION_BITS) - 1;

/// The number of a request's task.
#[inline]
pub(super) const fn request(count: u64) -> u64 {
    (count % (1 << REQUEST_BITS)) << (JOB_BITS + OPERATION_BITS) | TASK
}

/// The number of a task's job, counted from 1.
pub(super) const fn job(task: u64, count: u32) -> u64 {
    let mask = ((1 << JOB_BITS) - 1) << OPERATION_BITS;
    task & !mask | (count as u64 % (1 << JOB_BITS)) << OPERATION_BITS
}

/// The number of a task's operation, for an operation in a slot of its own.
pub(super) const fn operation(task: u64, calls: u32) -> u64 {
    (task & !TASK) | (calls as u64 % TASK)
}

/// The number of the task that asked for an operation.
pub(super) const fn task_of(operation: u64) -> u64 {
    operation | TASK
}

/// The request of a task or an operation, and which of its tasks: 0 is the request itself.
#[inline]
pub(super) const fn parts(order: u64) -> (u64, u32) {
    let job = (order >> OPERATION_BITS) & ((1 << JOB_BITS) - 1);
    (order >> (JOB_BITS + OPERATION_BITS), job as u32)
}

/// The number of a disturbance: after everything else at its instant.
pub(super) const fn disturbance(index: usize) -> u64 {
    (1 << (REQUEST_BITS + JOB_BITS + OPERATION_BITS)) - 1 - index as u64
}
