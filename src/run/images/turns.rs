//! Whose turn it is: images of several registries are read at once, and one that never answers keeps the others from
//! nothing.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// Images at once of one call: memory stays bounded.
const MAX: usize = 64;
/// Images at once of one registry when it is the only one: registries answer several requests of one client.
const MAX_ALONE: usize = 16;
/// The same when there are others.
const MAX_BESIDE: usize = 8;
/// Images at once of this machine, which are read as fast as processors unpack them: each takes up to 50 MB meanwhile.
const MAX_HERE: usize = 8;

/// The images that still have to be read, each by its place in the call.
pub(super) struct Turns {
    groups: Mutex<Vec<Group>>,
    threads: usize,
}

/// The images of one registry, or of this machine.
#[derive(Default)]
struct Group {
    waiting: VecDeque<usize>,
    running: usize,
    /// At once.
    most: usize,
}

/// An image that is being read; its registry is free for the next one when this is dropped.
pub(super) struct Turn<'t> {
    /// Its place in the call.
    pub(super) at: usize,
    group: usize,
    turns: &'t Turns,
}

impl Turns {
    /// Turns for images of these registries (`None`: on this machine), `jobs` at once.
    pub(super) fn new<'h>(hosts: impl Iterator<Item = Option<&'h str>>, jobs: Option<usize>) -> Self {
        let mut groups: BTreeMap<Option<&str>, Group> = BTreeMap::new();
        for (at, host) in hosts.enumerate() {
            groups.entry(host).or_default().waiting.push_back(at);
        }
        let most = match (jobs, groups.len()) {
            (Some(jobs), 0 | 1) => jobs,
            (Some(jobs), _) => jobs.div_ceil(2),
            (None, 0 | 1) => MAX_ALONE,
            (None, count) => (MAX / count).clamp(1, MAX_BESIDE),
        };
        let here = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).clamp(1, MAX_HERE);
        for (host, group) in &mut groups {
            group.most = if host.is_none() && jobs.is_none() { most.min(here) } else { most };
        }
        let groups: Vec<Group> = groups.into_values().collect();
        let useful: usize = groups.iter().map(|group| group.waiting.len().min(group.most)).sum();
        Self { groups: Mutex::new(groups), threads: useful.min(jobs.unwrap_or(MAX)) }
    }

    /// Threads that find something to do.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The next image of the registry that has the fewest being read. `None`: nothing is left for another thread, because
    /// those that read of a registry go on with it.
    pub(super) fn next(&self) -> Option<Turn<'_>> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = groups.iter_mut().enumerate();
        let ready = ready.filter(|(_, group)| !group.waiting.is_empty() && group.running < group.most);
        let (at, group) = ready.min_by_key(|(_, group)| group.running)?;
        group.running += 1;
        Some(Turn { at: group.waiting.pop_front()?, group: at, turns: self })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut groups = self.turns.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get_mut(self.group) {
            group.running = group.running.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(dead: usize, living: usize, jobs: Option<usize>) -> Turns {
        let hosts =
            std::iter::repeat_n(Some("dead"), dead).chain(std::iter::repeat_n(Some("living"), living));
        Turns::new(hosts, jobs)
    }

    #[test]
    fn a_registry_that_never_answers_leaves_room_for_others() {
        for jobs in [None, Some(2), Some(3), Some(40)] {
            let turns = turns(100, 50, jobs);
            let mut hanging = Vec::new();
            let mut read = 0;
            // Images of the dead registry are never done, others at once.
            while let Some(turn) = turns.next() {
                if turn.at < 100 {
                    hanging.push(turn)
                } else {
                    read += 1
                }
                assert!(hanging.len() < turns.threads(), "{jobs:?}: every thread hangs");
            }
            assert_eq!(read, 50, "{jobs:?}");
        }
    }

    #[test]
    fn threads_are_bounded() {
        for (dead, living, jobs, threads) in [
            (0, 0, None, 0),
            (1, 0, None, 1),
            (100, 0, None, 16),
            (100, 0, Some(3), 3),
            (100, 100, None, 16),
            (100, 2, None, 10),
            (100, 100, Some(1), 1),
            (100, 100, Some(500), 200),
        ] {
            assert_eq!(turns(dead, living, jobs).threads(), threads, "{dead} {living} {jobs:?}");
        }
        let hosts: Vec<String> = (0..500).map(|at| at.to_string()).collect();
        assert_eq!(Turns::new(hosts.iter().map(|host| Some(host.as_str())), None).threads(), 64);
    }

    #[test]
    fn images_of_this_machine_are_read_by_its_processors() {
        let here = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(8);
        assert_eq!(Turns::new(std::iter::repeat_n(None, 100), None).threads(), here);
        assert_eq!(Turns::new(std::iter::repeat_n(None, 100), Some(12)).threads(), 12);
    }

    #[test]
    fn every_image_gets_a_turn() {
        let turns = turns(30, 20, None);
        let mut seen: Vec<usize> = std::iter::from_fn(|| turns.next().map(|turn| turn.at)).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
    }
}
