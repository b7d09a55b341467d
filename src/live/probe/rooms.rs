//! How many long bodies are held at a time, by all threads together.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Long bodies at a time: with the longest that is read, 8 MiB of metrics, 32 MiB.
const ROOMS: usize = 4;

/// Rooms for long bodies. Each is taken before a body becomes long, and given back when it is judged.
#[derive(Debug)]
pub(super) struct Rooms(AtomicUsize);

impl Default for Rooms {
    fn default() -> Self {
        Self(AtomicUsize::new(ROOMS))
    }
}

impl Rooms {
    /// Takes a room; whether there is one.
    pub(super) fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(1)).is_ok()
    }

    /// Gives one back.
    pub(super) fn give(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOMS, Rooms};

    #[test]
    fn there_are_so_many_rooms() {
        let rooms = Rooms::default();
        assert_eq!((0..=ROOMS).filter(|_| rooms.take()).count(), ROOMS);
        rooms.give();
        assert!(rooms.take() && !rooms.take());
    }
}
