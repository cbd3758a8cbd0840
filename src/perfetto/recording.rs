//! What happens in a window of a run, written down.

use std::collections::BTreeMap;

use crate::metrics::Window;
use crate::observation::{Answer, Deed, Observer, ReadFacts, Service, What};
use crate::op::{Call, Key, Op, Reply, Version};
use crate::time::Time;

/// A request or a job, with what it did.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) call: Call,
    pub(super) client: u32,
    pub(super) is_job: bool,
    pub(super) began: Time,
    /// When the client had its answer, or the last thing happened.
    pub(super) ended: Time,
    pub(super) deeds: Vec<(Time, What)>,
    pub(super) answered: Option<(Answer, Option<ReadFacts>)>,
}

/// The window in the making.
#[derive(Debug)]
pub(super) struct Recording {
    window: Window,
    /// By the number of the request, then of its job.
    tasks: BTreeMap<(u64, u32), Task>,
    requests: usize,
    /// No more than these are admitted; those are followed to their ends.
    requests_max: usize,
    /// When the last one of them began.
    last: Time,
    /// By the number of the request.
    answers: BTreeMap<u64, (Answer, Option<ReadFacts>)>,
    pub(super) services: Vec<Service>,
    /// Who accepted which version of a key, and when.
    pub(super) commits: BTreeMap<(Key, Version), ((u64, u32), Time)>,
    is_done: bool,
}

impl Recording {
    pub(super) fn new(window: Window, requests_max: usize) -> Recording {
        Recording {
            window,
            tasks: BTreeMap::new(),
            requests: 0,
            requests_max,
            last: Time::ZERO,
            answers: BTreeMap::new(),
            services: Vec::new(),
            commits: BTreeMap::new(),
            is_done: false,
        }
    }

    /// Whether everything that began in the window, as far as there is room for it, has ended.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn is_full(&self) -> bool {
        self.requests >= self.requests_max
    }

    /// Whether a task is recorded: a request that is, or was in time for it, or a job of one.
    fn admits(&self, (request, _): (u64, u32)) -> bool {
        !self.is_full() || self.tasks.contains_key(&(request, 0))
    }

    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// Every task in the order of its number, its answer with it.
    pub(super) fn tasks(&mut self) -> Vec<((u64, u32), Task)> {
        let answers = &mut self.answers;
        let tasks = std::mem::take(&mut self.tasks).into_iter().map(|(number, mut task)| {
            task.answered = if task.is_job { None } else { answers.remove(&number.0) };
            if let Some((answer, _)) = &task.answered {
                task.ended = task.ended.max(answer.ended);
            }
            (number, task)
        });
        tasks.collect()
    }

    fn answer(&mut self, answer: &Answer, facts: Option<&ReadFacts>) {
        if self.measures(answer.began) {
            self.answers.insert(answer.request, (*answer, facts.copied()));
        }
    }
}

impl Observer for Recording {
    const WANTS_DEEDS: bool = true;

    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        self.answer(answer, Some(facts));
    }

    fn write(&mut self, answer: &Answer, _: bool) {
        self.answer(answer, None);
    }

    fn database_served(&mut self, service: &Service) {
        if self.measures(service.arrived) {
            self.services.push(*service);
        }
    }

    fn deed(&mut self, deed: &Deed) {
        let number = (deed.request, deed.job);
        if !self.measures(deed.began) || !self.admits(number) {
            return;
        }
        self.last = self.last.max(deed.began);
        if let What::Effect(Op::DbWrite(key) | Op::CacheAccept(key, _), Reply::Row(Some(row))) =
            deed.what
        {
            self.commits.insert((key, row.version), (number, deed.at));
        }
        let task = self.tasks.entry(number).or_insert_with(|| {
            self.requests += usize::from(deed.job == 0);
            Task {
                call: deed.call,
                client: deed.client,
                is_job: deed.job != 0,
                // A job begins with what it does first: it carries its request's beginning.
                began: if deed.job == 0 { deed.began } else { deed.at },
                ended: deed.at,
                deeds: Vec::new(),
                answered: None,
            }
        });
        task.ended = task.ended.max(deed.at);
        task.deeds.push((deed.at, deed.what));
    }

    fn has_seen_enough(&self) -> bool {
        self.is_done()
    }

    fn horizon(&mut self, oldest: Time) {
        self.is_done = oldest >= self.window.end || self.is_full() && oldest > self.last;
    }
}
