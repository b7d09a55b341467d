//! Several things at once: items and a function in, what it makes of each in the order of the items out. What is done is not
//! known here.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `run` makes of each item, in the order of the items; on `most` threads at most, the calling one among them.
pub fn each<T: Sync, R: Send>(items: &[T], most: usize, run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            let made = run(item);
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, made));
        }
    };
    thread::scope(|scope| {
        for _ in 1..most.min(items.len()) {
            // Where no thread is to be had, those that are there do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn order_is_kept() {
        let items: Vec<usize> = (0..1_000).collect();
        let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
        for most in [0, 1, 2, 16, 5_000] {
            assert_eq!(each(&items, most, |item| item * 2), doubled, "{most}");
        }
        assert_eq!(each(&[] as &[u8], 16, |item| *item), Vec::<u8>::new());
    }
}
