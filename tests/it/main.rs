//! Integration tests, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod errors;
mod hostile;
mod parity;
mod spans;
