//! What is known of hosts while a call runs: how many connections each has, and whether it answers.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Requests of one host at once.
const AT_ONCE: u32 = 8;
/// Requests in a row without an answer in time, after which a host is not asked again: a dead registry would take the
/// time of all the others.
const PATIENCE: u32 = 2;

/// The hosts of a call.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    known: Mutex<HashMap<String, Host>>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Host {
    busy: u32,
    unanswered: u32,
    is_of_user: bool,
}

impl Hosts {
    /// Waits until the host may be asked; `None` when it is not before `until`.
    pub(super) fn permit(self: &std::sync::Arc<Self>, host: &str, until: Instant) -> Option<Permit> {
        let mut known = self.lock();
        loop {
            let entry = known.entry(host.to_owned()).or_default();
            if entry.busy < AT_ONCE {
                entry.busy += 1;
                return Some(Permit { hosts: std::sync::Arc::clone(self), host: host.to_owned() });
            }
            let rest = until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero())?;
            known = self.released.wait_timeout(known, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether an authority of the user vouched for it before.
    pub(super) fn is_of_user(&self, host: &str) -> bool {
        self.lock().get(host).is_some_and(|host| host.is_of_user)
    }

    /// Keeps whether an authority of the user vouches for it.
    pub(super) fn set_of_user(&self, host: &str, is_of_user: bool) {
        self.lock().entry(host.to_owned()).or_default().is_of_user = is_of_user;
    }

    /// Whether it gave no answer in time, several times in a row.
    pub(super) fn is_dead(&self, host: &str) -> bool {
        self.lock().get(host).is_some_and(|host| host.unanswered >= PATIENCE)
    }

    /// Keeps whether it answered in time.
    pub(super) fn heard(&self, host: &str, answered: bool) {
        let mut known = self.lock();
        let entry = known.entry(host.to_owned()).or_default();
        entry.unanswered = if answered { 0 } else { entry.unanswered.saturating_add(1) };
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The leave to ask a host, given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    hosts: std::sync::Arc<Hosts>,
    host: String,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(entry) = self.hosts.lock().get_mut(&self.host) {
            entry.busy = entry.busy.saturating_sub(1);
        }
        self.hosts.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{AT_ONCE, Hosts};

    #[test]
    fn a_host_has_so_many_connections() {
        let hosts = Arc::new(Hosts::default());
        let soon = || Instant::now() + Duration::from_millis(20);
        let mut held: Vec<_> = (0..AT_ONCE).map(|_| hosts.permit("a", soon()).unwrap()).collect();
        assert!(hosts.permit("a", soon()).is_none());
        assert!(hosts.permit("b", soon()).is_some());
        held.pop();
        assert!(hosts.permit("a", soon()).is_some());
    }

    #[test]
    fn a_host_that_never_answers_is_dead_until_it_does() {
        let hosts = Hosts::default();
        hosts.heard("a", false);
        assert!(!hosts.is_dead("a"));
        hosts.heard("a", false);
        assert!(hosts.is_dead("a") && !hosts.is_dead("b"));
        hosts.heard("a", true);
        assert!(!hosts.is_dead("a"));
    }
}
