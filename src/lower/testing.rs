//! A RUN without a Dockerfile, for the tests of this folder.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{ImageFiles, RequirementsCache, RunFacts, RunScope, Variables, run_facts};
use crate::model::{Fact, Mount, Run, ShellText, Spanned, Unknown, User, Value};
use crate::source::{Place, Source, Span};
use crate::syntax::shell::{Dialect, ShellOptions, inline_script, parse, unwrap};

/// What a test says about the surroundings of its RUN.
#[derive(Default)]
pub(super) struct World {
    /// ARG and ENV; `None` for an ARG without a value.
    pub(super) variables: HashMap<&'static str, Option<&'static str>>,
    /// Files of the image by absolute path.
    pub(super) files: HashMap<&'static str, &'static str>,
    /// Targets of cache mounts.
    pub(super) caches: Vec<&'static str>,
    /// USER; root when there is none.
    pub(super) user: Option<(&'static str, Option<u32>)>,
    /// Whether bash reads the text.
    pub(super) bash: bool,
}

impl Variables for World {
    fn value(&self, name: &str) -> Option<Value> {
        self.variables.get(name).map(|value| match value {
            Some(text) => Value::known(*text),
            None => {
                Value { text: format!("${{{name}}}").into(), unknown: Some(Unknown::Variable(name.into())) }
            }
        })
    }
}

impl ImageFiles for World {
    fn open(&self, path: &str) -> Result<Arc<Source>, Unknown> {
        match self.files.get(path) {
            Some(text) => Ok(Source::new(path, text.as_bytes().to_vec())),
            None => Err(Unknown::File(path.into())),
        }
    }
}

impl World {
    /// A world with variables.
    pub(super) fn with(variables: &[(&'static str, &'static str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, Some(*value))).collect();
        Self { variables, ..Self::default() }
    }

    /// A world with files.
    pub(super) fn holding(files: &[(&'static str, &'static str)]) -> Self {
        Self { files: files.iter().copied().collect(), ..Self::default() }
    }

    /// The RUN of a text.
    pub(super) fn run(&self, text: &str) -> Run {
        let source = Source::new("Dockerfile", text.as_bytes().to_vec());
        let place = Place::new(&source, Span::new(0, text.len() as u32));
        let dialect = if self.bash { Dialect::Bash } else { Dialect::Posix };
        let user = match self.user {
            None => Fact::Absent,
            Some((name, uid)) => Fact::Known {
                value: User {
                    name: name.into(),
                    group: None,
                    uid,
                    gid: uid,
                    system: false,
                    unnumbered: false,
                },
                origin: crate::model::Origin::here(&place, "set here"),
            },
        };
        let mounts = self.caches.iter().map(|target| Mount {
            place: place.clone(),
            kind: "cache".into(),
            target: Value::known(*target),
            source: None,
            from: None,
            uid: None,
        });
        let mut run = Run {
            place: place.clone(),
            order: 0,
            user: user.into(),
            workdir: Value::known("/app"),
            mounts: mounts.collect(),
            exec: None,
            texts: vec![shell_text(text, dialect, &source, 0, None)],
        };
        let mut inner = Vec::new();
        for command in &run.texts[0].script.commands {
            let words = unwrap(run.texts[0].script.words(command));
            if let Some((index, dialect)) = inline_script(words) {
                inner.push(shell_text(
                    &words[index].text,
                    dialect,
                    &source,
                    words[index].span.start + 1,
                    Some(0),
                ));
            }
        }
        run.texts.extend(inner);
        run
    }

    /// The RUN of an exec form.
    pub(super) fn exec(&self, elements: &[&str]) -> Run {
        let mut run = self.run(&elements.join(" "));
        let mut start = 0;
        let mut words = Vec::new();
        for element in elements {
            let span = Span::new(start, start + element.len() as u32);
            words.push(Spanned::new(SmolStr::new(element), Place::new(&run.place.source, span)));
            start = span.end + 1;
        }
        run.exec = Some(words);
        run.texts.clear();
        run
    }

    /// A scope of a RUN.
    pub(super) fn scope<'a>(&'a self, run: &'a Run) -> RunScope<'a> {
        RunScope { run, index: 0, variables: self, files: self }
    }

    /// All that a text's RUN says.
    pub(super) fn facts(&self, text: &str) -> RunFacts {
        let run = self.run(text);
        run_facts(&self.scope(&run), &RequirementsCache::default())
    }
}

fn shell_text(
    text: &str,
    dialect: Dialect,
    source: &Arc<Source>,
    start: u32,
    parent: Option<usize>,
) -> ShellText {
    let script = parse(text, dialect);
    ShellText {
        options: vec![ShellOptions::default(); script.commands.len()],
        script,
        dialect,
        initial: ShellOptions::default(),
        source: Arc::clone(source),
        span: Span::new(start, start + text.len() as u32),
        segments: Vec::new(),
        parent,
    }
}
