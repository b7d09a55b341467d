//! How many long bodies are held at a time, by all threads together.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Long bodies at a time: with the longest that is read, 8 MiB of metrics, 24 MiB.
const ROOMS: usize = 3;

/// Rooms for long bodies. Each is taken before a body becomes long, and given back when its bytes are the judge's.
///
/// Buffers are used again: what one thread allocates and another one frees, allocators keep for each thread.
#[derive(Debug)]
pub(super) struct Rooms(Mutex<Vec<Vec<u8>>>);

impl Default for Rooms {
    fn default() -> Self {
        Self(Mutex::new(vec![Vec::new(); ROOMS]))
    }
}

impl Rooms {
    /// An empty buffer, when there is one.
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        self.lock().pop()
    }

    /// Gives one back.
    pub(super) fn give(&self, mut room: Vec<u8>) {
        room.clear();
        self.lock().push(room);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOMS, Rooms};

    #[test]
    fn there_are_so_many_rooms() {
        let rooms = Rooms::default();
        let taken: Vec<_> = (0..=ROOMS).map_while(|_| rooms.take()).collect();
        assert_eq!(taken.len(), ROOMS);
        rooms.give(vec![1]);
        assert_eq!(rooms.take(), Some(Vec::new()));
        assert_eq!(rooms.take(), None);
    }
}
