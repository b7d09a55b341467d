//! Integration tests, in one binary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
#![allow(clippy::print_stdout, reason = "what a test measured is shown when it fails")]

#[cfg(unix)]
mod action;
mod architecture;
mod baseline;
mod cli;
mod compose;
mod compose_cases;
mod deployed;
mod drift;
mod dump;
mod errors;
mod fleets;
mod fp;
mod graph;
mod hostile;
mod hostile_deployed;
mod hostile_files;
mod hostile_image_configs;
mod hostile_image_layers;
mod hostile_images;
#[cfg(feature = "registry")]
mod hostile_live;
#[cfg(unix)]
mod hostile_pull_request;
#[cfg(unix)]
mod hostile_pull_request_files;
mod hostile_yaml;
mod html;
mod image_mutation;
mod images_bases;
mod images_forms;
#[cfg(feature = "registry")]
mod images_real;
mod images_reports;
mod images_secrets;
#[cfg(feature = "registry")]
mod images_served;
mod init;
mod live_contracts;
#[cfg(feature = "registry")]
mod live_engine;
#[cfg(feature = "registry")]
mod live_probe;
#[cfg(feature = "registry")]
mod live_probe_fleet;
#[cfg(feature = "registry")]
mod live_probe_memory;
#[cfg(feature = "registry")]
mod live_probe_speed;
#[cfg(feature = "registry")]
mod live_real;
mod live_reports;
mod live_rules;
mod live_targets;
mod live_targets_engine;
mod metrics;
mod mutation;
mod no_network;
#[cfg(not(feature = "registry"))]
mod no_registry;
mod overrides;
mod own_files;
mod pages;
mod parity;
mod plan_import;
#[cfg(feature = "registry")]
mod registry;
mod schemas;
mod secrets;
mod since;
mod spans;
mod support;
mod table;
