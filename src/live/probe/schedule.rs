//! Which question is next: hosts in turn, none with more requests at once than allowed, and no question before its time.
//!
//! Questions and hosts go in, questions come out. No thread, no clock and no network is known here.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::Instant;

/// What waits to be asked. Questions are numbers.
#[derive(Debug)]
pub(super) struct Schedule {
    per_host: usize,
    names: HashMap<String, usize>,
    hosts: Vec<Host>,
    /// Hosts that have something to ask and a request left, each once.
    turn: VecDeque<usize>,
    /// Time, then order of arrival: question and host.
    later: BinaryHeap<Reverse<(Instant, u64, usize, usize)>>,
    added: u64,
}

#[derive(Debug, Default)]
struct Host {
    waiting: VecDeque<usize>,
    busy: usize,
    has_turn: bool,
}

impl Schedule {
    pub(super) fn new(per_host: usize) -> Self {
        Self {
            per_host: per_host.max(1),
            names: HashMap::new(),
            hosts: Vec::new(),
            turn: VecDeque::new(),
            later: BinaryHeap::new(),
            added: 0,
        }
    }

    /// The number of the host of a URL, whatever its port.
    pub(super) fn host(&mut self, url: &str) -> usize {
        let name = host_of(url).to_ascii_lowercase();
        let next = self.hosts.len();
        let number = *self.names.entry(name).or_insert(next);
        if number == next {
            self.hosts.push(Host::default());
        }
        number
    }

    /// A question that may be asked now.
    pub(super) fn add(&mut self, question: usize, host: usize) {
        self.hosts[host].waiting.push_back(question);
        self.take_turn(host);
    }

    /// A question that may be asked at `due`.
    pub(super) fn add_later(&mut self, question: usize, host: usize, due: Instant) {
        self.added += 1;
        self.later.push(Reverse((due, self.added, question, host)));
    }

    /// The next question and its host, which is one request busier until [`Self::release`].
    pub(super) fn next(&mut self, now: Instant) -> Option<(usize, usize)> {
        while let Some(Reverse((due, _, question, host))) = self.later.peek().copied() {
            if due > now {
                break;
            }
            self.later.pop();
            self.add(question, host);
        }
        let host = self.turn.pop_front()?;
        let entry = &mut self.hosts[host];
        entry.has_turn = false;
        let question = entry.waiting.pop_front()?;
        entry.busy += 1;
        self.take_turn(host);
        Some((question, host))
    }

    /// A request of a host is over.
    pub(super) fn release(&mut self, host: usize) {
        let entry = &mut self.hosts[host];
        entry.busy = entry.busy.saturating_sub(1);
        self.take_turn(host);
    }

    /// When a question has its time, of those that have not.
    pub(super) fn due(&self) -> Option<Instant> {
        self.later.peek().map(|Reverse((due, ..))| *due)
    }

    fn take_turn(&mut self, host: usize) {
        let entry = &mut self.hosts[host];
        if !entry.has_turn && !entry.waiting.is_empty() && entry.busy < self.per_host {
            entry.has_turn = true;
            self.turn.push_back(host);
        }
    }
}

/// The host of a URL, without its port.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or(literal),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Schedule, host_of};

    #[test]
    fn hosts_of_urls() {
        for (url, host) in [
            ("http://127.0.0.1:8212/health", "127.0.0.1"),
            ("http://pc2/health", "pc2"),
            ("http://[::1]:80/", "::1"),
            ("http://[::1]", "::1"),
            ("http://a:1?x=http://b", "a"),
            ("http://user@a:1/", "a"),
            ("", ""),
            ("http://", ""),
            ("pc2:8080", "pc2"),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }

    fn of(urls: &[&str], per_host: usize) -> Schedule {
        let mut schedule = Schedule::new(per_host);
        for (question, url) in urls.iter().enumerate() {
            let host = schedule.host(url);
            schedule.add(question, host);
        }
        schedule
    }

    fn questions(schedule: &mut Schedule, now: Instant) -> Vec<usize> {
        std::iter::from_fn(|| schedule.next(now).map(|(question, _)| question)).collect()
    }

    #[test]
    fn a_host_has_so_many_requests_and_holds_up_nobody() {
        let now = Instant::now();
        let mut schedule = of(&["http://a:1", "http://A:2", "http://a:3", "http://b:1", "http://c:1"], 2);
        assert_eq!(questions(&mut schedule, now), [0, 3, 4, 1]);
        let host = schedule.host("http://a");
        schedule.release(host);
        assert_eq!(questions(&mut schedule, now), [2]);
        schedule.release(host);
        assert_eq!(questions(&mut schedule, now), [0_usize; 0]);
        assert_eq!(schedule.due(), None);
    }

    #[test]
    fn nothing_is_asked_before_its_time() {
        let now = Instant::now();
        let at = |millis| now + Duration::from_millis(millis);
        let mut schedule = of(&["http://a"], 1);
        let host = schedule.host("http://a");
        schedule.add_later(7, host, at(20));
        schedule.add_later(8, host, at(10));
        assert_eq!(schedule.due(), Some(at(10)));
        assert_eq!(questions(&mut schedule, now), [0]);
        assert_eq!(questions(&mut schedule, at(30)), [0_usize; 0], "the host is busy");
        assert_eq!(schedule.due(), None);
        schedule.release(host);
        assert_eq!(questions(&mut schedule, at(30)), [8]);
        schedule.release(host);
        assert_eq!(questions(&mut schedule, at(30)), [7]);
    }

    #[test]
    fn no_request_at_once_means_one() {
        let mut schedule = of(&["http://a", "http://a"], 0);
        assert_eq!(questions(&mut schedule, Instant::now()), [0]);
    }
}
