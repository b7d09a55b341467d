//! Text to trees: bytes go in, trees whose every node carries its span come out, errors included.
//!
//! A parser here never fails, never recurses on its input and knows no policy: what it cannot read is part of the
//! tree (an error with a span, an opaque word), and the rest is still read.

pub mod digest;
pub mod dockerfile;
pub mod ignore_file;
pub mod image_reference;
pub mod json_members;
pub mod markdown;
pub mod metrics;
pub mod requirements;
pub mod schema;
pub mod shell;
pub mod wildcard;
pub mod yaml;
