//! HTTP over Unix sockets.

use std::path::Path;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// An agent whose every connection goes to one socket.
pub(super) fn agent(config: Config, socket: &Path) -> Agent {
    Agent::with_parts(config, connector::UnixConnector::new(socket), NoResolver)
}

/// Names are not looked up: there is only one place to go.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

#[cfg(unix)]
mod connector {
    use std::fmt;
    use std::io::{self, Read, Write};
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};
    use std::sync::mpsc;
    use std::thread;

    use ureq::unversioned::transport::{
        Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
    };

    /// Connects to a socket.
    #[derive(Debug)]
    pub(super) struct UnixConnector(PathBuf);

    impl UnixConnector {
        pub(super) fn new(socket: &Path) -> Self {
            Self(socket.to_owned())
        }
    }

    impl Connector for UnixConnector {
        type Out = UnixTransport;

        fn connect(
            &self,
            details: &ConnectionDetails<'_>,
            _: Option<()>,
        ) -> Result<Option<UnixTransport>, ureq::Error> {
            let stream = connect(&self.0, details.timeout)?;
            let (input, output) = (details.config.input_buffer_size(), details.config.output_buffer_size());
            Ok(Some(UnixTransport { stream, buffers: LazyBuffers::new(input, output), is_answered: false }))
        }
    }

    /// Connects in time. The kernel lets a caller wait for as long as an engine that takes no connections has a full queue of
    /// them, and knows no limit of that; who waits in vain is left behind.
    fn connect(socket: &Path, timeout: NextTimeout) -> Result<UnixStream, ureq::Error> {
        let Some(after) = timeout.not_zero() else { return Ok(UnixStream::connect(socket)?) };
        let (sender, receiver) = mpsc::sync_channel(1);
        let socket = socket.to_owned();
        let wait = move || {
            // Nobody may want it any more.
            let _ = sender.send(UnixStream::connect(socket));
        };
        thread::Builder::new().stack_size(64 << 10).spawn(wait)?;
        match receiver.recv_timeout(*after) {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(ureq::Error::Timeout(timeout.reason)),
        }
    }

    /// A connection. It is used once.
    pub(super) struct UnixTransport {
        stream: UnixStream,
        buffers: LazyBuffers,
        /// Whether anything came yet.
        is_answered: bool,
    }

    impl fmt::Debug for UnixTransport {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("UnixTransport")
        }
    }

    impl Transport for UnixTransport {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
            self.stream.set_write_timeout(timeout.not_zero().map(|after| *after))?;
            let output = &self.buffers.output()[..amount];
            self.stream.write_all(output).map_err(|error| in_time(error, timeout))
        }

        fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
            // An engine packs an archive up before it sends the first byte: that wait is no stop.
            let timeout = if self.is_answered { timeout.for_read() } else { timeout };
            self.stream.set_read_timeout(timeout.not_zero().map(|after| *after))?;
            let amount = loop {
                match self.stream.read(self.buffers.input_append_buf()) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read.map_err(|error| in_time(error, timeout))?,
                }
            };
            self.buffers.input_appended(amount);
            self.is_answered = true;
            Ok(amount > 0)
        }

        fn is_open(&mut self) -> bool {
            false
        }
    }

    /// What a socket says when the time is over.
    fn in_time(error: io::Error, timeout: NextTimeout) -> ureq::Error {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => ureq::Error::Timeout(timeout.reason),
            _ => error.into(),
        }
    }
}

#[cfg(not(unix))]
mod connector {
    use std::io;
    use std::path::Path;

    use ureq::unversioned::transport::{ConnectionDetails, Connector};

    /// This system has no Unix sockets.
    #[derive(Debug)]
    pub(super) struct UnixConnector;

    impl UnixConnector {
        pub(super) fn new(_: &Path) -> Self {
            Self
        }
    }

    impl Connector for UnixConnector {
        type Out = Box<dyn ureq::unversioned::transport::Transport>;

        fn connect(
            &self,
            _: &ConnectionDetails<'_>,
            _: Option<()>,
        ) -> Result<Option<Self::Out>, ureq::Error> {
            Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets").into())
        }
    }
}
