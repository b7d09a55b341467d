//! Integration tests, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod architecture;
mod cli;
mod errors;
mod fleets;
mod fp;
mod hostile;
mod hostile_files;
mod pages;
mod parity;
mod spans;
mod support;
mod table;
