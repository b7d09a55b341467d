//! What comes over a connection before it is read as HTTP: its first bytes, how many there are, and whether it was reset.
//!
//! The client tells none of this: bytes that are no HTTP are lost with its error, and a reset ends a body without a length
//! as if it were whole.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// First bytes that are kept.
const FIRST: usize = 48;

/// What came over one connection.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// The first bytes.
    pub(super) first: Vec<u8>,
    /// All bytes, as a number.
    pub(super) count: u64,
    /// Whether there was a connection.
    pub(super) connected: bool,
    /// Whether it was reset.
    pub(super) reset: bool,
}

/// Where a connection writes what it sees; one request at a time.
#[derive(Debug, Default, Clone)]
pub(super) struct Watch(Arc<Mutex<Seen>>);

impl Watch {
    /// What came since the last call.
    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        self.lock().connected = chained.is_some();
        Ok(chained.map(|inner| Watched { inner, watch: self.clone() }))
    }
}

/// A connection that is watched.
#[derive(Debug)]
pub(super) struct Watched<T> {
    inner: T,
    watch: Watch,
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.inner.buffers().input().len();
        let result = self.inner.await_input(timeout);
        let mut seen = self.watch.lock();
        match &result {
            Ok(_) => {
                let new = self.inner.buffers().input().get(before..).unwrap_or_default();
                seen.count += new.len() as u64;
                let room = FIRST - seen.first.len().min(FIRST);
                seen.first.extend(new.iter().take(room));
            }
            Err(Error::Io(error)) => seen.reset |= error.kind() == io::ErrorKind::ConnectionReset,
            Err(_) => {}
        }
        drop(seen);
        result
    }

    fn is_open(&mut self) -> bool {
        // Each request has a connection of its own.
        false
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
