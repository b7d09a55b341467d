//! One stage: FROM, then each instruction in turn, into a layer and the stage's own lists.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::bases::MAX_LAYERS;
use super::dockerfile::FileScope;
use super::from::{base_of, from_of};
use super::paths::is_resolved;
use super::variables::{ArgList, StageScope, declare};
use super::{entry, files, run, started, triggers, user};
use crate::model::{
    Arg, ChainEnd, Container, Copy, Entry, Fact, From, Layer, PipInstall, Port, Run, Spanned, Stage,
    SystemInstall, Take, Unknown, User, Value,
};
use crate::source::Place;
use crate::syntax::dockerfile::{Arguments, Instruction, Keyword, Pair, Text};
use crate::syntax::shell::{Dialect, ShellOptions, shell_dialect};

/// A stage while its instructions are read.
pub(crate) struct StageBuilder<'f> {
    pub(crate) file: &'f FileScope<'f>,
    pub(crate) layer: Layer,
    /// What the stage is built on; its layers end up behind the own one.
    pub(crate) below: Container,
    pub(crate) env: HashMap<SmolStr, u32>,
    pub(crate) arg_values: ArgList,
    pub(crate) user: Arc<Fact<User>>,
    pub(crate) shell: (Dialect, ShellOptions),
    pub(crate) runs: Vec<Run>,
    pub(crate) copies: Vec<Copy>,
    pub(crate) installs: Vec<SystemInstall>,
    pub(crate) pip_installs: Vec<PipInstall>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) takes: Vec<Take>,
    /// Stages whose programs were taken over already, with whether all of them were.
    pub(crate) inherited: Vec<(usize, bool)>,
    index: usize,
    name: Option<Spanned<SmolStr>>,
    from: From,
    args: Vec<Spanned<Arg>>,
    users: Vec<(usize, Spanned<Fact<User>>)>,
}

impl<'f> StageBuilder<'f> {
    /// Opens a stage at its FROM.
    pub(crate) fn start(
        file: &'f FileScope<'f>,
        instruction: &Instruction<'_>,
        order: usize,
        earlier: &[Stage],
    ) -> Self {
        let words: &[Text<'_>] = match &instruction.arguments {
            Arguments::Words(words) => words,
            _ => &[],
        };
        let from = from_of(file, instruction, words);
        let (below, base_name, base) = base_of(file, &from, earlier);
        let from = From { base, ..from };
        let name = words
            .get(2)
            .filter(|_| words[1].text.eq_ignore_ascii_case("as"))
            .map(|word| Spanned::new(SmolStr::new(word.text.to_ascii_lowercase()), file.place(word.span)));
        let shell = match below.shell() {
            Fact::Known { value, .. } => shell_dialect(&value),
            _ => (Dialect::Posix, ShellOptions::default()),
        };
        let mut builder = Self {
            layer: Layer {
                from: Some(from.place.clone()),
                base_name,
                context: file.context.folder().into(),
                ..Layer::default()
            },
            user: Arc::new(below.user()),
            below,
            env: HashMap::new(),
            arg_values: ArgList::default(),
            shell,
            runs: Vec::new(),
            copies: Vec::new(),
            installs: Vec::new(),
            pip_installs: Vec::new(),
            entries: Vec::new(),
            takes: Vec::new(),
            inherited: Vec::new(),
            index: earlier.len(),
            name,
            from,
            args: Vec::new(),
            users: Vec::new(),
            file,
        };
        triggers::run(&mut builder, order, earlier);
        builder
    }

    /// Closes the stage.
    pub(crate) fn finish(mut self) -> Stage {
        let started = started::started(&self);
        self.layer.entry_script = entry::script(&self);
        let mut layers = Vec::with_capacity(self.below.layers.len() + 1);
        layers.push(Arc::new(self.layer));
        layers.extend(self.below.layers.iter().take(MAX_LAYERS).cloned());
        let end = match self.below.layers.len() > MAX_LAYERS {
            true => ChainEnd::Unknown { why: Unknown::TooLarge, place: self.from.place.clone() },
            false => self.below.end,
        };
        let container = Container { layers, end };
        Stage {
            index: self.index,
            name: self.name,
            from: self.from,
            probes: entry::probes(&container),
            container,
            args: self.args,
            users: self.users,
            runs: self.runs,
            copies: self.copies,
            installs: self.installs,
            pip_installs: self.pip_installs,
            entries: self.entries,
            started,
            takes: self.takes,
            needed: false,
        }
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn own_name(&self) -> Option<&str> {
        self.name.as_ref().map(|name| name.value.as_str())
    }

    pub(crate) fn scope(&self) -> StageScope<'_> {
        StageScope { layer: &self.layer, env: &self.env, below: &self.below, args: &self.arg_values }
    }

    /// Expands a word in the scope of the stage; a fault of the text is a problem of the file.
    pub(crate) fn expand(&self, text: &Text<'_>) -> Value {
        use super::scope::Variables;
        let scope = self.scope();
        let expansion = self.file.budget.expand(&text.text, self.file.escape, &|name| scope.value(name));
        if let Some(error) = expansion.error {
            self.file.fault(text, error);
        }
        expansion.value
    }

    /// A container made of what is known so far, for questions about accounts.
    fn so_far(&self) -> Container {
        let accounts = Layer { accounts: self.layer.accounts.clone(), ..Layer::default() };
        let mut layers = vec![Arc::new(accounts)];
        layers.extend(self.below.layers.iter().cloned());
        Container { layers, end: self.below.end.clone() }
    }

    /// Takes in one instruction. `order` is its index in the file.
    pub(crate) fn instruction(&mut self, instruction: &Instruction<'_>, order: usize, earlier: &[Stage]) {
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Arg, Arguments::Pairs(pairs)) => self.arg(pairs),
            (Keyword::Env, Arguments::Pairs(pairs)) => self.env_pairs(pairs),
            (Keyword::Label, Arguments::Pairs(pairs)) => self.labels(pairs),
            (Keyword::User, Arguments::Text(text)) => self.user(text, order),
            (Keyword::Workdir, Arguments::Text(text)) => self.workdir(text),
            (Keyword::Volume, Arguments::Words(words) | Arguments::Json(words)) => {
                for word in words {
                    let value = self.expand(word);
                    self.layer.volumes.push(Spanned::new(value, self.file.place(word.span)));
                }
            }
            (Keyword::Expose, Arguments::Words(words)) => self.expose(words),
            (Keyword::Stopsignal, Arguments::Text(text)) => {
                self.expand(text);
            }
            (Keyword::Onbuild, Arguments::Onbuild { raw, .. }) => {
                let trigger = Spanned::new(SmolStr::new(&raw.text), self.file.place(raw.span));
                self.layer.onbuild.push(trigger);
            }
            (Keyword::Copy | Keyword::Add, _) => files::copy(self, instruction, order, earlier),
            (Keyword::Run, _) => run::run(self, instruction, order, earlier),
            (Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell | Keyword::Healthcheck, _) => {
                entry::entry(self, instruction, order);
            }
            _ => {}
        }
    }

    fn arg(&mut self, pairs: &[Pair<'_>]) {
        for pair in pairs {
            let default = pair.value.as_ref().map(|value| self.expand(value));
            let file = self.file;
            let arg = declare(
                &pair.key.text,
                default,
                &mut self.arg_values,
                Some(&file.global),
                file.request.build_args,
            );
            self.args.push(Spanned::new(arg, file.place(pair.key.span)));
        }
    }

    /// All pairs of one ENV see the environment before the instruction.
    fn env_pairs(&mut self, pairs: &[Pair<'_>]) {
        let values: Vec<Value> = pairs
            .iter()
            .map(|pair| pair.value.as_ref().map(|value| self.expand(value)).unwrap_or_default())
            .collect();
        for (pair, value) in pairs.iter().zip(values) {
            let name = self.expand(&pair.key).text;
            let span = pair.value.as_ref().map_or(pair.key.span, |value| pair.key.span.to(value.span));
            self.env.insert(name.clone(), self.layer.env.len() as u32);
            self.layer.env.push(Spanned::new((name, value), self.file.place(span)));
        }
    }

    fn labels(&mut self, pairs: &[Pair<'_>]) {
        for pair in pairs {
            let value = pair.value.as_ref().map(|value| self.expand(value)).unwrap_or_default();
            let span = pair.value.as_ref().map_or(pair.key.span, |value| pair.key.span.to(value.span));
            let said = (self.expand(&pair.key), value);
            self.layer.labels.push(Spanned::new(said, self.file.place(span)));
        }
    }

    fn user(&mut self, text: &Text<'_>, order: usize) {
        let value = self.expand(text);
        let place = self.file.place(text.span);
        let resolved = user::resolve(&value, &self.so_far());
        let origin = crate::model::Origin::here(&place, "set here");
        let fact = match &resolved {
            Ok(user) => Fact::Known { value: user.clone(), origin },
            Err(why) => Fact::Unknown { why: why.clone(), origin },
        };
        self.users.push((order, Spanned::new(fact.clone(), place.clone())));
        self.user = Arc::new(fact);
        self.layer.user = Some(Spanned::new(resolved, place));
    }

    fn workdir(&mut self, text: &Text<'_>) {
        let value = self.expand(text);
        let value = absolute(&value, &self.current_workdir());
        self.layer.workdir = Some(Spanned::new(value, self.file.place(text.span)));
    }

    /// The working directory in force; `/` when nobody says one.
    pub(crate) fn current_workdir(&self) -> Value {
        if let Some(said) = &self.layer.workdir {
            return said.value.clone();
        }
        match self.below.workdir() {
            Fact::Known { value, .. } => value,
            Fact::Absent => Value::known("/"),
            Fact::Unknown { why, .. } => Value { text: "/".into(), unknown: Some(why) },
        }
    }

    fn expose(&mut self, words: &[Text<'_>]) {
        for word in words {
            let value = self.expand(word);
            let place = self.file.place(word.span);
            if let Some(why) = value.unknown {
                self.layer.ports.push(Spanned::new(Err(why), place));
                continue;
            }
            for part in value.text.split_ascii_whitespace() {
                match port(part) {
                    Some(port) => self.layer.ports.push(Spanned::new(Ok(port), place.clone())),
                    None => self.file.fault(word, format!("`{part}` is no port")),
                }
            }
        }
    }

    /// The place of a whole instruction.
    pub(crate) fn place_of(&self, instruction: &Instruction<'_>) -> Place {
        self.file.place(instruction.span)
    }
}

/// A path made absolute by the working directory, `.` and `..` resolved, without a trailing `/`.
pub(crate) fn absolute(path: &Value, workdir: &Value) -> Value {
    if is_resolved(&path.text) {
        return path.clone();
    }
    let joined = match path.text.starts_with('/') || path.text.starts_with("${") || path.text.starts_with('$')
    {
        true => path.text.to_string(),
        false => format!("{}/{}", workdir.text, path.text),
    };
    let unknown = path.unknown.clone().or_else(|| {
        let relative = !path.text.starts_with('/');
        if relative { workdir.unknown.clone() } else { None }
    });
    Value { text: SmolStr::new(crate::path::absolute(&joined)), unknown }
}

/// `8000`, `8000-8010`, `8000/udp`, `127.0.0.1:80:8000` (the container's side counts).
fn port(text: &str) -> Option<Port> {
    let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let range = range.rsplit(':').next().unwrap_or(range);
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let protocol = SmolStr::new(protocol.to_ascii_lowercase());
    let known = matches!(protocol.as_str(), "tcp" | "udp" | "sctp");
    (known && first <= last).then_some(Port { first, last, protocol })
}
