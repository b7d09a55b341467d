//! The pipeline: what a call asks for goes in, what is reported comes out.
