//! The probe engine: many endpoints at once, each with a deadline.
//!
//! Questions go in, answers come out in the order of the questions. Requests are sent by a few threads that know nothing but
//! HTTP; the calling thread decides which question is next, hears of every answer, and asks its caller what an answer is
//! worth, so that whatever judges answers needs no small stack and no lock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Accepts, Heard, ProbeOptions, Question, Reply};
use crate::model::{Answer, Failure};

mod backoff;
mod failure;
mod request;
mod schedule;
mod watch;

use request::{Client, Times};
use schedule::Schedule;

/// Stack of a thread that sends requests: nothing that an answer holds makes it deeper.
const STACK: usize = 256 << 10;
/// Most threads, whatever is asked for.
const MOST_THREADS: usize = 512;
/// Longest call: clocks and sockets have limits too.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);
/// Between two answers that must both be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks every question. `accepts` and `heard` are called on this thread, in the order in which answers come.
pub(super) fn ask(
    questions: &[Question],
    options: &ProbeOptions,
    accepts: Accepts<'_>,
    heard: Heard<'_>,
) -> Vec<Reply> {
    let (jobs, waiting) = mpsc::channel();
    let (done, results) = mpsc::channel();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        let mut threads = 0;
        for _ in 0..options.concurrency.clamp(1, MOST_THREADS).min(questions.len()) {
            let (waiting, done) = (&waiting, done.clone());
            let builder = std::thread::Builder::new().name("probe".to_owned()).stack_size(STACK);
            // As many as the system gives.
            threads +=
                usize::from(builder.spawn_scoped(scope, move || work(questions, waiting, &done)).is_ok());
        }
        let call = Call::new(questions, options, accepts, heard);
        // The end of `jobs` ends the threads.
        call.run(threads, jobs, &results)
    })
}

/// A request to send.
#[derive(Debug, Clone, Copy)]
struct Job {
    question: usize,
    url: usize,
    host: usize,
    times: Times,
}

/// A request that is over.
struct Done {
    job: Job,
    answer: Answer,
    took: Duration,
}

/// What one thread does.
fn work(questions: &[Question], waiting: &Mutex<Receiver<Job>>, done: &Sender<Done>) {
    let client = Client::new();
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let start = Instant::now();
        let question = &questions[job.question];
        // A fault of the client is the failure of one question, not of the call, which waits for an answer.
        let answer =
            catch_unwind(AssertUnwindSafe(|| client.ask(question, &question.urls[job.url], job.times)))
                .unwrap_or_else(|_| Answer::Failed(Failure::Other("the client failed on the answer".into())));
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
    /// The answer of the last attempt.
    reply: Option<Reply>,
}

/// A call while it runs.
struct Call<'a> {
    questions: &'a [Question],
    options: &'a ProbeOptions,
    accepts: Accepts<'a>,
    heard: Heard<'a>,
    schedule: Schedule,
    states: Vec<State>,
    deadline: Instant,
    /// When nothing is asked again that was not accepted.
    patience: Instant,
}

impl<'a> Call<'a> {
    fn new(
        questions: &'a [Question],
        options: &'a ProbeOptions,
        accepts: Accepts<'a>,
        heard: Heard<'a>,
    ) -> Self {
        let start = Instant::now();
        let after = |time: Duration| start + time.min(LONGEST);
        let deadline = after(options.deadline);
        let mut schedule = Schedule::new(options.per_host);
        let states = questions.iter().enumerate().map(|(at, question)| {
            let first = question.urls.first();
            let Some(url) = first else {
                let answer = Answer::NotAsked("no address is known for it".into());
                return State { reply: Some(Reply { url: 0, answer }), ..State::default() };
            };
            let host = schedule.host(url);
            schedule.add(at, host);
            State::default()
        });
        let states = states.collect();
        let patience = after(options.wait).min(deadline);
        Self { questions, options, accepts, heard, schedule, states, deadline, patience }
    }

    /// Sends what can be sent, and takes what comes, until every question has its last answer.
    fn run(mut self, threads: usize, jobs: Sender<Job>, results: &Receiver<Done>) -> Vec<Reply> {
        for at in 0..self.states.len() {
            if let Some(reply) = self.states[at].reply.take() {
                self.finish(at, reply);
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
        let unasked = || Reply {
            url: 0,
            answer: Answer::Failed(Failure::Other("no thread could be started to ask it".into())),
        };
        self.states.into_iter().map(|state| state.reply.unwrap_or_else(unasked)).collect()
    }

    /// The next request, unless there is none now. Questions that the deadline leaves no time for are over.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            let now = Instant::now();
            let (at, host) = self.schedule.next(now)?;
            let rest = self.deadline.saturating_duration_since(now);
            if rest.is_zero() {
                self.schedule.release(host);
                self.late(at);
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
            return Some(Job { question: at, url: state.url, host, times: Times { limit, connect } });
        }
    }

    fn timeout(&self, at: usize) -> Duration {
        self.questions[at].timeout.unwrap_or(self.options.timeout)
    }

    /// A request is over: another address of the question is next, or this attempt has its answer.
    fn take(&mut self, done: Done) {
        let Job { question: at, url, host, times } = done.job;
        self.schedule.release(host);
        let timeout = self.timeout(at);
        let state = &mut self.states[at];
        state.spent += done.took;
        let reply = match done.answer {
            Answer::Failed(failure) => {
                let is_cut = times.limit + state.spent < timeout + done.took;
                // What it would have answered nobody knows; what it answered before is.
                if is_cut && matches!(failure, Failure::TimedOut(_)) && state.reply.is_some() {
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
        if wait.is_zero() && consecutive <= 1 {
            return self.finish(at, reply);
        }
        let is_accepted = (self.accepts)(at, &reply);
        let now = Instant::now();
        let state = &mut self.states[at];
        let due = match is_accepted {
            true => {
                state.accepted += 1;
                state.attempts = 0;
                if state.accepted >= consecutive {
                    return self.finish(at, reply);
                }
                now + PAUSE
            }
            false => {
                state.accepted = 0;
                if now >= self.patience {
                    return self.finish(at, reply);
                }
                let due = now + backoff::wait(seed, at, state.attempts);
                state.attempts += 1;
                // The last attempt is at the end of the wait, not before.
                due.min(self.patience)
            }
        };
        (self.heard)(at, &reply, false);
        // So many accepted answers in a row are not there yet.
        let last =
            if is_accepted { Reply { url: 0, answer: Answer::Failed(Failure::Deadline) } } else { reply };
        self.states[at].reply = Some(last);
        let host = self.schedule.host(&self.questions[at].urls[0]);
        self.schedule.add_later(at, host, due.min(self.deadline));
    }

    /// The time of the call is over: what was known before is the last answer.
    fn late(&mut self, at: usize) {
        let state = &mut self.states[at];
        let failed = || Reply { url: 0, answer: Answer::Failed(Failure::Deadline) };
        let reply = state.reply.take().unwrap_or_else(failed);
        self.finish(at, reply);
    }

    fn finish(&mut self, at: usize, reply: Reply) {
        (self.heard)(at, &reply, true);
        self.states[at].reply = Some(reply);
    }
}
