//! Integration tests, in one binary.

mod errors;
mod hostile;
mod parity;
mod spans;
