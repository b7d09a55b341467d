//! ARG and ENV in force at one point of a file.
//!
//! ENV beats ARG of the same name, a build argument beats an ARG's default, and a stage sees a global ARG only when it
//! declares the name again (BuildKit, `dockerfile2llb` `dispatchArg`, `dispatchEnv`).

use std::cell::Cell;
use std::collections::HashMap;

use smol_str::SmolStr;

use super::expand::{Expansion, expand};
use super::scope::Variables;
use crate::model::{Arg, ChainEnd, Container, Layer, Unknown, Value};

/// Total bytes of expanded values per file. A real file needs some kilobytes; doubling chains want gigabytes.
const MAX_EXPANDED: usize = 4 * 1024 * 1024;

/// Platform arguments that exist before the first FROM (BuildKit, `platform.go`).
const PLATFORM_ARGS: &[&str] = &[
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// Build arguments that need no declaration.
const PROXY_ARGS: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// How much may still be expanded in one file.
#[derive(Debug)]
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Cell::new(MAX_EXPANDED))
    }

    /// Expands a word and pays for it.
    pub(crate) fn expand(&self, text: &str, escape: u8, lookup: &dyn Fn(&str) -> Option<Value>) -> Expansion {
        if self.0.get() == 0 {
            let value = Value { text: SmolStr::default(), unknown: Some(Unknown::TooLarge) };
            return Expansion { value, error: None };
        }
        let expansion = expand(text, escape, lookup);
        self.0.set(self.0.get().saturating_sub(expansion.value.text.len()));
        expansion
    }
}

/// A list of ARGs with an index for long lists.
#[derive(Debug, Default)]
pub(crate) struct ArgList {
    list: Vec<(SmolStr, Option<Value>)>,
    index: HashMap<SmolStr, usize>,
}

impl ArgList {
    /// Declares a name; a later declaration hides an earlier one.
    pub(crate) fn declare(&mut self, name: SmolStr, value: Option<Value>) {
        self.index.insert(name.clone(), self.list.len());
        self.list.push((name, value));
    }

    /// The declaration of a name. Inside: its value, unknown when it has none.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        let (_, value) = &self.list[*self.index.get(name)?];
        Some(value.clone().unwrap_or_else(|| without_value(name)))
    }
}

fn without_value(name: &str) -> Value {
    Value { text: SmolStr::default(), unknown: Some(Unknown::Variable(name.into())) }
}

/// The value an ARG takes: `--build-arg`, else its default, else the global ARG of the name.
pub(crate) fn arg_value(
    name: &str,
    default: Option<&Value>,
    global: Option<&ArgList>,
    build_args: &[(SmolStr, SmolStr)],
) -> Option<Value> {
    if let Some((_, value)) = build_args.iter().rev().find(|(key, _)| key == name) {
        return Some(Value::known(value.clone()));
    }
    if default.is_some() {
        return default.cloned();
    }
    let value = global?.value(name)?;
    (value.unknown != Some(Unknown::Variable(name.into()))).then_some(value)
}

/// The scope of FROM lines: global ARGs and the platform.
pub(crate) fn global_lookup(args: &ArgList, name: &str) -> Option<Value> {
    args.value(name).or_else(|| PLATFORM_ARGS.contains(&name).then(|| without_value(name)))
}

/// The scope inside a stage: the own layer's ENV, the ENV of the layers below, the stage's ARGs.
#[derive(Clone, Copy)]
pub(crate) struct StageScope<'a> {
    /// The layer being built.
    pub(crate) layer: &'a Layer,
    /// Index over the own layer's ENV, kept while it grows.
    pub(crate) env: &'a HashMap<SmolStr, u32>,
    /// What the stage is built on.
    pub(crate) below: &'a Container,
    /// ARGs declared so far.
    pub(crate) args: &'a ArgList,
}

impl Variables for StageScope<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if let Some(index) = self.env.get(name) {
            return Some(self.layer.env[*index as usize].value.1.clone());
        }
        if let Some(pair) = self.below.layers.iter().find_map(|layer| layer.env_pair(name)) {
            return Some(pair.value.1.clone());
        }
        if let Some(value) = self.args.value(name) {
            return Some(value);
        }
        if PROXY_ARGS.contains(&name) {
            return Some(without_value(name));
        }
        // A base image's own ENV is known only of scratch; PATH is set by every other one.
        match self.below.end {
            ChainEnd::Scratch => None,
            ChainEnd::WellKnown { .. } if !inherited_name(name) => None,
            _ => Some(without_value(name)),
        }
    }
}

/// Names that well-known base images set in their own config.
fn inherited_name(name: &str) -> bool {
    matches!(
        name,
        "PATH"
            | "HOME"
            | "HOSTNAME"
            | "LANG"
            | "PWD"
            | "GPG_KEY"
            | "LD_LIBRARY_PATH"
            | "GOPATH"
            | "JAVA_HOME"
    ) || name.ends_with("_VERSION")
        || name.starts_with("NVIDIA_")
        || name.starts_with("NV_")
        || name.starts_with("PYTHON_")
        || name.starts_with("CARGO_")
        || name.starts_with("RUSTUP_")
}

/// One ARG of an instruction, evaluated.
pub(crate) fn declare(
    name: &str,
    default: Option<Value>,
    into: &mut ArgList,
    global: Option<&ArgList>,
    build_args: &[(SmolStr, SmolStr)],
) -> Arg {
    let value = arg_value(name, default.as_ref(), global, build_args);
    into.declare(name.into(), value.clone());
    Arg { name: name.into(), default, value }
}
