//! The probe engine: many endpoints at once, each with a deadline.
//!
//! Questions go in, answers go to a judge as they come. Requests are sent by a few threads that know nothing but HTTP; the
//! calling thread decides which question is next and calls the judge, which so needs no small stack and no lock.
//!
//! Memory does not grow with the fleet, nor with what it sends: an answer is the judge's, and of long bodies only a few are
//! held at a time ([`Rooms`]).

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Judge, ProbeOptions, Question, Reply};
use crate::model::{Answer, Failure};

mod backoff;
mod failure;
mod request;
mod rooms;
mod schedule;
mod watch;

use request::{Client, Times};
use rooms::Rooms;
use schedule::Schedule;

/// Stack of a thread that sends requests: nothing that an answer holds makes it deeper.
const STACK: usize = 256 << 10;
/// Most threads, whatever is asked for.
const MOST_THREADS: usize = 512;
/// Longest call: clocks and sockets have limits too.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// Between two answers that must both be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks every question. The judge is called on this thread.
pub(super) fn ask(questions: &[Question], options: &ProbeOptions, judge: &mut dyn Judge) {
    let rooms = Rooms::default();
    let (jobs, waiting) = mpsc::channel();
    let (done, results) = mpsc::channel();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        let mut threads = 0;
        for _ in 0..options.concurrency.clamp(1, MOST_THREADS).min(questions.len()) {
            let (waiting, rooms, done) = (&waiting, &rooms, done.clone());
            let builder = std::thread::Builder::new().name("probe".to_owned()).stack_size(STACK);
            // As many as the system gives.
            threads += usize::from(
                builder.spawn_scoped(scope, move || work(questions, waiting, rooms, &done)).is_ok(),
            );
        }
        // The end of `jobs` ends the threads.
        Call::new(questions, options, judge, &rooms).run(threads, jobs, &results);
    })
}

/// A request to send.
#[derive(Debug)]
struct Job {
    question: usize,
    url: usize,
    host: usize,
    times: Times,
    /// Room for a long body, which it holds when it is not empty.
    room: Option<Vec<u8>>,
}

/// A request that is over.
struct Done {
    job: Job,
    /// `None`: there was no room for a long body.
    answer: Option<Answer>,
    took: Duration,
}

/// What one thread does.
fn work(questions: &[Question], waiting: &Mutex<Receiver<Job>>, rooms: &Rooms, done: &Sender<Done>) {
    let client = Client::new();
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = job else { return };
        let start = Instant::now();
        let question = &questions[job.question];
        let mut room = job.room.take();
        let ask = || client.ask(question, &question.urls[job.url], job.times, rooms, &mut room);
        // A fault of the client is the failure of one question, not of the call, which waits for an answer.
        let answer = catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
            Some(Answer::Failed(Failure::Other("the client failed on the answer".into())))
        });
        job.room = room;
        if done.send(Done { job, answer, took: start.elapsed() }).is_err() {
            return;
        }
    }
}

/// How far one question is.
#[derive(Default)]
struct State {
    /// The address that is asked.
    url: usize,
    /// Why the first address gave no answer, while others are asked.
    first: Option<Failure>,
    /// What this attempt took so far, at all addresses.
    spent: Duration,
    /// Accepted answers in a row.
    accepted: u32,
    /// Attempts since one was accepted.
    attempts: u32,
    /// Whether the answer of the last attempt was good, once there is one.
    known: Option<bool>,
    /// Whether it has its last answer.
    is_over: bool,
    /// Room that is kept for its next request.
    room: Option<Vec<u8>>,
}

/// A call while it runs.
struct Call<'a> {
    questions: &'a [Question],
    options: &'a ProbeOptions,
    judge: &'a mut dyn Judge,
    rooms: &'a Rooms,
    schedule: Schedule,
    states: Vec<State>,
    /// Questions whose answers are long, while there is no room for them.
    crowded: VecDeque<usize>,
    deadline: Instant,
    /// When nothing is asked again that was not accepted.
    patience: Instant,
}

impl<'a> Call<'a> {
    fn new(
        questions: &'a [Question],
        options: &'a ProbeOptions,
        judge: &'a mut dyn Judge,
        rooms: &'a Rooms,
    ) -> Self {
        let start = Instant::now();
        let after = |time: Duration| start + time.min(LONGEST);
        let deadline = after(options.deadline);
        let mut schedule = Schedule::new(options.per_host);
        for (at, question) in questions.iter().enumerate() {
            if let Some(url) = question.urls.first() {
                let host = schedule.host(url);
                schedule.add(at, host);
            }
        }
        let states = questions.iter().map(|_| State::default()).collect();
        let patience = after(options.wait).min(deadline);
        let crowded = VecDeque::new();
        Self { questions, options, judge, rooms, schedule, states, crowded, deadline, patience }
    }

    /// Sends what can be sent, and takes what comes, until every question has its last answer.
    fn run(mut self, threads: usize, jobs: Sender<Job>, results: &Receiver<Done>) {
        for at in 0..self.questions.len() {
            if self.questions[at].urls.is_empty() {
                self.end(at, Answer::NotAsked("no address is known for it".into()));
            }
        }
        let mut busy = 0;
        loop {
            while busy < threads
                && let Some(job) = self.next_job()
            {
                busy += usize::from(jobs.send(job).is_ok());
            }
            let now = Instant::now();
            let done = match self.schedule.due() {
                Some(due) if busy < threads => results.recv_timeout(due.saturating_duration_since(now)),
                _ if busy > 0 => results.recv().map_err(|_| RecvTimeoutError::Disconnected),
                _ => Err(RecvTimeoutError::Disconnected),
            };
            match done {
                Ok(done) => {
                    busy -= 1;
                    self.take(done);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        for at in 0..self.states.len() {
            if !self.states[at].is_over {
                let why = Failure::Other("no thread could be started to ask it".into());
                self.end(at, Answer::Failed(why));
            }
        }
    }

    /// The next request, unless there is none now. Questions that the deadline leaves no time for are over.
    fn next_job(&mut self) -> Option<Job> {
        while !self.crowded.is_empty()
            && let Some(room) = self.rooms.take()
        {
            let Some(at) = self.crowded.pop_front() else { break };
            self.states[at].room = Some(room);
            let host = self.schedule.host(&self.questions[at].urls[self.states[at].url]);
            self.schedule.add(at, host);
        }
        loop {
            let now = Instant::now();
            let (at, host) = self.schedule.next(now)?;
            let room = self.states[at].room.take();
            let rest = self.deadline.saturating_duration_since(now);
            if rest.is_zero() {
                self.schedule.release(host);
                self.late(at);
                if let Some(room) = room {
                    self.rooms.give(room);
                }
                continue;
            }
            let state = &self.states[at];
            // In whole milliseconds, as reports show it.
            let rest =
                Duration::from_millis(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX).saturating_add(1));
            let limit = self.timeout(at).saturating_sub(state.spent).min(rest);
            // An address that nobody answers at leaves time for the others.
            let left = self.questions[at].urls.len().saturating_sub(state.url).max(1);
            let connect = limit / u32::try_from(left).unwrap_or(u32::MAX);
            let times = Times { limit, connect };
            return Some(Job { question: at, url: state.url, host, times, room });
        }
    }

    fn timeout(&self, at: usize) -> Duration {
        self.questions[at].timeout.unwrap_or(self.options.timeout)
    }

    /// A request is over: another address of the question is next, or this attempt has its answer.
    fn take(&mut self, done: Done) {
        let Job { question: at, url, host, times, room } = done.job;
        self.schedule.release(host);
        // It is asked again when there is room, as if it had not been asked.
        let Some(mut answer) = done.answer else { return self.crowded.push_back(at) };
        if let Some(room) = room {
            if let Answer::Http(answer) = &mut answer
                && !room.is_empty()
            {
                answer.body = room.as_slice().into();
            }
            self.rooms.give(room);
        }
        let timeout = self.timeout(at);
        let state = &mut self.states[at];
        state.spent += done.took;
        let reply = match answer {
            Answer::Failed(failure) => {
                let is_cut = times.limit + state.spent < timeout + done.took;
                // What it would have answered nobody knows; what it answered before is.
                if is_cut && matches!(failure, Failure::TimedOut(_)) && state.known.is_some() {
                    return self.late(at);
                }
                let first = state.first.take().unwrap_or(failure);
                if let Some(next) = self.questions[at].urls.get(url + 1)
                    && state.spent < timeout
                {
                    state.first = Some(first);
                    state.url = url + 1;
                    let host = self.schedule.host(next);
                    return self.schedule.add(at, host);
                }
                Reply { url: 0, answer: Answer::Failed(first) }
            }
            answer => Reply { url, answer },
        };
        (state.url, state.first, state.spent) = (0, None, Duration::ZERO);
        self.judge(at, reply);
    }

    /// An attempt has its answer: it is the last one, or the question is asked again.
    fn judge(&mut self, at: usize, reply: Reply) {
        let ProbeOptions { wait, consecutive, seed, .. } = *self.options;
        let is_accepted = self.judge.answer(at, reply);
        if wait.is_zero() && consecutive <= 1 {
            return self.finish(at);
        }
        let now = Instant::now();
        let state = &mut self.states[at];
        let due = match is_accepted {
            true => {
                state.accepted += 1;
                state.attempts = 0;
                if state.accepted >= consecutive {
                    return self.finish(at);
                }
                now + PAUSE
            }
            false => {
                state.accepted = 0;
                if now >= self.patience {
                    return self.finish(at);
                }
                let due = now + backoff::wait(seed, at, state.attempts);
                state.attempts += 1;
                // The last attempt is at the end of the wait, not before.
                due.min(self.patience)
            }
        };
        self.judge.heard(at, false);
        state.known = Some(is_accepted);
        let host = self.schedule.host(&self.questions[at].urls[0]);
        self.schedule.add_later(at, host, due.min(self.deadline));
    }

    /// The time of the call is over: what was known before is the last answer, unless it was good and there are too few in a
    /// row.
    fn late(&mut self, at: usize) {
        match self.states[at].known {
            Some(false) => self.finish(at),
            Some(true) | None => self.end(at, Answer::Failed(Failure::Deadline)),
        }
    }

    /// Ends a question with an answer of its own.
    fn end(&mut self, at: usize, answer: Answer) {
        self.judge.answer(at, Reply { url: 0, answer });
        self.finish(at);
    }

    fn finish(&mut self, at: usize) {
        self.states[at].is_over = true;
        self.judge.heard(at, true);
    }
}
