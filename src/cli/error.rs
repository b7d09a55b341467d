//! Errors of the tool: how they are printed, and exit 2.

use std::io::{self, Write};
use std::process::ExitCode;

use super::output::{ColorWhen, visible};
use crate::run::RunError;

/// Exit code when the tool could not finish.
pub(super) const COULD_NOT: u8 = 2;

/// Why a command stopped.
#[derive(Debug)]
pub(super) enum Failure {
    /// The pipeline could not finish, or the call asks for something that does not exist.
    Run(RunError),
    /// Writing failed.
    Output(io::Error),
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A call that asks for something that does not exist.
pub(super) fn usage(message: impl Into<String>, help: Option<String>) -> Failure {
    Failure::Run(RunError { message: message.into(), help, ..RunError::default() })
}

/// Prints a failure to standard error.
pub(super) fn report(failure: &Failure, color: ColorWhen) -> ExitCode {
    let mut out = color.stream(io::stderr());
    let written = match failure {
        // The reader has seen what it wanted.
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Failure::Output(error) => writeln!(out, "{HEAD} cannot write: {error}"),
        Failure::Run(error) => print(error, &mut out),
    };
    // When standard error is gone, the exit code still says it.
    drop(written);
    ExitCode::from(COULD_NOT)
}

/// Prints the inputs that could not be read to standard error.
pub(super) fn report_unread(unread: &[(String, String)], color: ColorWhen) {
    let mut out = color.stream(io::stderr());
    for (path, why) in unread {
        // When standard error is gone, the exit code still says it.
        let _ = writeln!(out, "{HEAD} {} {}", visible(path), visible(why));
    }
}

const HEAD: &str = "\x1b[1;91merror:\x1b[0m";

fn print(error: &RunError, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{HEAD} {}", visible(&error.message))?;
    for (place, message) in &error.faults {
        match place {
            Some(place) => {
                let start = place.start();
                let path = visible(place.source.path());
                writeln!(out, "  {path}:{}:{}: {}", start.line, start.column, visible(message))?;
            }
            None => writeln!(out, "  {}", visible(message))?,
        }
    }
    if let Some(help) = &error.help {
        writeln!(out, "{}", visible(help))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Place, Source, Span};

    #[test]
    fn faults_are_printed_with_their_lines_and_without_control_characters() {
        let plan = Source::new("plimsoll.toml", b"[user]\nuidd = 1\n".to_vec());
        let error = RunError {
            message: "the plan is wrong".to_owned(),
            faults: vec![(Some(Place::new(&plan, Span::new(7, 11))), "unknown key `uidd\x07`".to_owned())],
            help: Some("try".to_owned()),
        };
        let mut out = Vec::new();
        print(&error, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap().replace(HEAD, "error:");
        assert_eq!(text, "error: the plan is wrong\n  plimsoll.toml:2:1: unknown key `uidd\\u{7}`\ntry\n");
    }
}
