//! The effective container config: layers of what was said, nearest first, over the end of the base chain.
//!
//! Nothing is copied when a stage inherits: a container holds references to the layers below it, and a question walks
//! them. That keeps chains of thousands of stages linear and gives every answer its way back.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use super::command::{Account, CommandLine, Healthcheck, Port, User};
use super::fact::{Origin, Spanned, Step, Unknown, Value};
use super::known_base::KnownBase;
use crate::source::Place;

/// What one stage (or compose service, pod, image) itself says.
#[derive(Debug, Default)]
pub struct Layer {
    /// The FROM that leads to the next layer, or the line that names the image.
    pub from: Option<Place>,
    /// Whether several files may say one layer, all of them its own (a compose project): what it says itself is reached
    /// without the line that names the image.
    pub of_several_files: bool,
    /// Folder of the build context that the layer's COPY sources lie in.
    pub context: SmolStr,
    /// How a note names the next layer: `base-utils`, `stage builder`.
    pub base_name: SmolStr,
    /// USER, resolved as far as the layers below allow.
    pub user: Option<Spanned<Result<User, Unknown>>>,
    /// ENTRYPOINT.
    pub entrypoint: Option<Spanned<CommandLine>>,
    /// CMD.
    pub cmd: Option<Spanned<CommandLine>>,
    /// SHELL.
    pub shell: Option<Spanned<Vec<SmolStr>>>,
    /// ENV pairs in order; a name may occur more than once, the last one counts.
    pub env: Vec<Spanned<(SmolStr, Value)>>,
    /// LABEL pairs in order.
    pub labels: Vec<Spanned<(Value, Value)>>,
    /// What the shell script that ENTRYPOINT starts does with PID 1, when it can be followed.
    pub entry_script: Option<EntryScript>,
    /// EXPOSE ports in order.
    pub ports: Vec<Spanned<Result<Port, Unknown>>>,
    /// HEALTHCHECK.
    pub healthcheck: Option<Spanned<Healthcheck>>,
    /// WORKDIR, made absolute.
    pub workdir: Option<Spanned<Value>>,
    /// VOLUME paths.
    pub volumes: Vec<Spanned<Value>>,
    /// Accounts and groups that RUNs create.
    pub accounts: Vec<Spanned<Account>>,
    /// Programs and packages that RUNs install, by package name (`tini`, `curl`, `git`) or file path (`/usr/bin/tini`).
    pub provides: Vec<Spanned<SmolStr>>,
    /// What RUNs take away again, of the layers below.
    pub removed: Vec<Spanned<SmolStr>>,
    /// Absolute paths that COPY and ADD put in, folders included, with what is known of the source.
    pub files: Vec<Spanned<PlacedFile>>,
    /// ONBUILD triggers as written.
    pub onbuild: Vec<Spanned<SmolStr>>,
    /// Whether something in the layer cannot be followed, so that "nobody installs it" cannot be said (a script of the
    /// build context is run, `COPY --from` of a whole tree, an archive is unpacked).
    pub opaque: Option<Place>,
    /// Index over `env` by name, made on first use of a long list, so that no file makes look-ups quadratic.
    pub env_index: OnceLock<HashMap<SmolStr, u32>>,
}

/// Up to this many pairs a look-up walks the list.
const SHORT_LIST: usize = 24;

impl Layer {
    /// The last ENV pair of a name.
    #[must_use]
    pub fn env_pair(&self, name: &str) -> Option<&Spanned<(SmolStr, Value)>> {
        if self.env.len() <= SHORT_LIST {
            return self.env.iter().rev().find(|pair| pair.value.0 == name);
        }
        let index = self.env_index.get_or_init(|| {
            self.env.iter().enumerate().map(|(index, pair)| (pair.value.0.clone(), index as u32)).collect()
        });
        index.get(name).map(|index| &self.env[*index as usize])
    }
}

/// A path that a COPY or ADD creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFile {
    /// Absolute path in the image, without a trailing `/`.
    pub path: SmolStr,
    /// Path in the build context; `None` when it comes from a stage, an image or a URL.
    pub context_path: Option<SmolStr>,
    /// Whether the source is a folder (its content lies below `path`).
    pub is_folder: bool,
}

/// What an entry script does with PID 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryScript {
    /// It ends in `exec` of this program.
    Program(SmolStr),
    /// It ends in `exec "$@"`: these words of ENTRYPOINT behind the script, then CMD.
    Arguments(Vec<SmolStr>),
    /// It never calls `exec`, so its shell stays.
    Stays,
}

/// Where the chain of layers ends.
#[derive(Debug, Clone)]
pub enum ChainEnd {
    /// `scratch`: nothing below.
    Scratch,
    /// A public image whose config is known.
    WellKnown {
        /// The row of the table.
        base: &'static KnownBase,
        /// The reference as said.
        reference: SmolStr,
        /// The FROM that names it.
        place: Place,
    },
    /// An image nobody read, or a name that cannot be told.
    Unknown {
        /// Why.
        why: Unknown,
        /// The FROM.
        place: Place,
    },
}

/// The effective config of one stage, compose service, pod container or image.
#[derive(Debug, Clone)]
pub struct Container {
    /// The layers, nearest first; never empty.
    pub layers: Vec<Arc<Layer>>,
    /// What is below the last layer.
    pub end: ChainEnd,
}

/// FROMs that an origin names at most; a chain of thousands is told by its first ones and its end.
const MAX_STEPS: usize = 16;

impl Container {
    /// The way from this container to something said in layer `depth`: each FROM passed, then `said`.
    ///
    /// What the same file says (an earlier stage) is one step: the line itself. Only another file is reached through the
    /// FROMs, so that a finding stands where this file can be mended.
    #[must_use]
    pub fn origin(&self, depth: usize, said: Option<&Place>, what: &str) -> Origin {
        let own = self.layers.first().and_then(|layer| layer.from.as_ref());
        let several = depth == 0 && self.layers.first().is_some_and(|layer| layer.of_several_files);
        if let (Some(said), Some(own)) = (said, own)
            && (several || said.source.path() == own.source.path())
        {
            return Origin::here(said, what);
        }
        // Of several files of one deployment another may say it; what a base's trigger says stands in a file of the chain.
        let of_chain = |said: &Place| {
            let mut below = self.layers.iter().skip(1).filter_map(|layer| layer.from.as_ref());
            below.any(|from| from.source.path() == said.source.path())
        };
        if let (0, Some(said)) = (depth, said)
            && !of_chain(said)
        {
            return Origin::here(said, what);
        }
        let mut steps: Vec<Step> = self
            .layers
            .iter()
            // What a base's trigger says is said by another file, though in the own layer.
            .take(if said.is_some() { depth.max(1) } else { depth })
            .take(MAX_STEPS)
            .filter_map(|layer| {
                let place = layer.from.clone()?;
                Some(Step { place, what: SmolStr::new(format!("inherited from {}", layer.base_name)) })
            })
            .collect();
        if let Some(place) = said {
            steps.push(Step { place: place.clone(), what: what.into() });
        }
        Origin { steps }
    }

    /// The first layer, nearest first, for which `said` has an answer.
    pub fn find<T>(&self, said: impl Fn(&Layer) -> Option<T>) -> Option<(usize, T)> {
        self.layers.iter().enumerate().find_map(|(depth, layer)| Some((depth, said(layer)?)))
    }

    /// What cannot be told because the chain ends in an image nobody read; `None` when the whole chain is known.
    #[must_use]
    pub fn unknown_end(&self) -> Option<(&Unknown, Origin)> {
        match &self.end {
            ChainEnd::Unknown { why, .. } => {
                Some((why, self.origin(self.layers.len(), None, "the chain ends here")))
            }
            _ => None,
        }
    }
}
