//! The `plimsoll` binary: arguments in, exit code out. Everything else is the library's.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll::cli::main()
}
