//! The sections of one plan file, laid over what earlier files said. Services and machines have their own file.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::deploy::quantity;
use super::draft::{Draft, merge_by, set};
use super::endpoints::SchemaOf;
use super::fields::{Context, Table};
use super::load::KnownRule;
use super::tag::TagPattern;
use super::toml::{Entry, Toml};
use super::types::{HealthPlan, HierarchyImage, ImagesPlan};
use super::{deploy, endpoints, policy, services, values};
use crate::model::{Quantity, Spanned};

/// The largest id that a user may have: 4294967295 means "none" to `chown` and `setuid`.
const MAX_ID: u32 = u32::MAX - 1;

/// What is known about the file beside its text.
pub(super) struct FileScope<'a> {
    /// Turns a path of this file into one relative to the plan.
    pub(super) rebase: &'a dyn Fn(&str) -> String,
    /// Folder of the file, for files that are read.
    pub(super) folder: &'a str,
    /// Whether the file is one of the tool's own packs.
    pub(super) pack: bool,
    /// The canonical id of a rule's id or alias.
    pub(super) known_rule: &'a KnownRule,
    /// The schema of answers that a plan names: a path relative to the plan, or `builtin:NAME`.
    pub(super) schema: &'a SchemaOf<'a>,
}

/// Lays one file over the draft. `extends` is already taken out.
pub(super) fn apply(draft: &mut Draft, mut root: Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    // Asked for here as well, so that a misspelled one finds its name.
    let _ = root.take("extends");
    user_and_build(draft, &mut root, context);
    if let Some(table) = root.table("images", context) {
        images(&mut draft.plan.images, table, scope, context);
    }
    versions(draft, &mut root, context);
    if let Some(table) = root.table("health", context) {
        health(&mut draft.plan.health, table, scope, context);
    }
    labels_and_env(draft, &mut root, context);
    deploy::apply(draft, &mut root, scope, context);
    services::machines(draft, root.map("machines", context), scope, context);
    if let Some(table) = root.table("services", context) {
        services::apply(draft, table, scope, context);
    }
    policy::apply(draft, &mut root, scope, context);
    root.finish(context);
}

fn user_and_build(draft: &mut Draft, root: &mut Table, context: &mut Context<'_>) {
    let plan = &mut draft.plan;
    if let Some(mut table) = root.table("user", context) {
        set(&mut plan.user.uid, table.number("uid", MAX_ID, context));
        set(&mut plan.user.gid, table.number("gid", MAX_ID, context));
        set(&mut plan.user.name, table.word("name", context));
        set(&mut plan.user.non_root, table.flag("non-root", context));
        table.finish(context);
    }
    if let Some(mut table) = root.table("init", context) {
        set(&mut plan.init.process, table.word("process", context));
        if let Some(accept) = table.texts("accept", context) {
            plan.init.accept = accept;
        }
        table.finish(context);
    }
    if let Some(mut table) = root.table("build", context) {
        set(&mut plan.build.multi_stage, table.flag("multi-stage", context));
        set(&mut plan.build.pip_hashes, table.flag("pip-hashes", context));
        set(&mut plan.build.pip_cache_mount, table.flag("pip-cache-mount", context));
        set(&mut plan.build.apt_snapshot, table.flag("apt-snapshot", context));
        table.finish(context);
    }
}

fn images(images: &mut ImagesPlan, mut table: Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    set(&mut images.registry, table.word("registry", context));
    if let Some(tag) = table.word("tag", context) {
        let pattern = TagPattern::new(&tag.value);
        // A pack's pattern is tested with the tool, so it is compiled only when a tag is to be judged.
        match if scope.pack { Ok(()) } else { pattern.validate() } {
            Ok(()) => {
                images.tag = Some(tag);
                images.tag_pattern = Some(pattern);
            }
            Err(why) => {
                let help = Some("the syntax is that of Rust's regex crate".to_owned());
                context.error(
                    tag.place.span,
                    format!("`images.tag` is no regular expression that can be used: {why}"),
                    help,
                );
            }
        }
    }
    set(&mut images.pinned, table.flag("pinned", context));
    if let Some(platforms) = table.texts("platforms", context) {
        images.platforms = platforms;
    }
    if let Some(mut size) = table.table("size", context) {
        set(&mut images.size.cpu, quantity(&mut size, "cpu", Quantity::memory, context));
        set(&mut images.size.gpu, quantity(&mut size, "gpu", Quantity::memory, context));
        set(&mut images.size.unpacked, size.flag("unpacked", context));
        size.finish(context);
    }
    let mut new = Vec::new();
    for entry in table.map("hierarchy", context) {
        new.extend(hierarchy_image(entry, scope, context));
    }
    merge_by(&mut images.hierarchy, new, |image| image.name.value.clone());
    table.finish(context);
}

fn hierarchy_image(entry: Entry, scope: &FileScope<'_>, context: &mut Context<'_>) -> Option<HierarchyImage> {
    let name = context.spanned(SmolStr::from(&entry.key), entry.key_span);
    let path = format!("images.hierarchy.{}", entry.key);
    if let Toml::Text(_) = entry.node.value {
        let from = context.text_of(&path, &entry.node)?;
        return Some(HierarchyImage { name, from, path: None, repository: None });
    }
    let mut table = Table::of(path.clone(), entry.node, context)?;
    let wrong = context.errors.len();
    let from = table.word("from", context);
    if from.is_none() && context.errors.len() == wrong {
        let help = Some("write its parent: `{ from = \"python:3.11-slim-bookworm\" }`".to_owned());
        context.error(entry.key_span, format!("`{path}` has no `from`"), help);
    }
    let file = table.word("path", context).map(|path| {
        let rebased = (scope.rebase)(&path.value);
        Spanned::new(SmolStr::from(rebased), path.place)
    });
    let repository = table.word("repository", context);
    table.finish(context);
    Some(HierarchyImage { name, from: from?, path: file, repository })
}

fn versions(draft: &mut Draft, root: &mut Table, context: &mut Context<'_>) {
    let plan = &mut draft.plan;
    if let Some(mut table) = root.table("python", context) {
        set(&mut plan.python.version, table.word("version", context));
        if let Some(mut legacy) = table.table("legacy", context) {
            set(&mut plan.python.legacy_version, legacy.word("version", context));
            set(&mut plan.python.legacy_base, legacy.word("base", context));
            legacy.finish(context);
        }
        table.finish(context);
    }
    let mut pins: Vec<(SmolStr, Spanned<SmolStr>)> = Vec::new();
    let mut names = HashSet::new();
    for entry in root.map("pins", context) {
        if let Some(version) = context.text_of(&format!("pins.{}", entry.key), &entry.node) {
            let name = python_name(&entry.key);
            if !names.insert(name.clone()) {
                context.error(entry.key_span, format!("`pins` has the package `{name}` twice"), None);
            }
            pins.push((name, version));
        }
    }
    merge_by(&mut plan.pins, pins, |(name, _)| name.clone());
    if let Some(mut table) = root.table("cuda", context) {
        set(&mut plan.cuda.version, table.word("version", context));
        if let Some(arch) = table.texts("arch", context) {
            plan.cuda.arch = arch;
        }
        table.finish(context);
    }
}

/// The normalised name of a Python package (PEP 503): lower case, runs of `-`, `_`, `.` as one `-`.
pub(super) fn python_name(name: &str) -> SmolStr {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.extend(c.to_lowercase()),
        }
    }
    SmolStr::from(out)
}

fn health(health: &mut HealthPlan, mut table: Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    set(&mut health.required, table.flag("required", context));
    set(&mut health.path, endpoints::path(&mut table, context));
    let expect = endpoints::expect(&mut table, context);
    merge_by(&mut health.expect, expect.unwrap_or_default(), |(key, _)| key.clone());
    if let Some(status) = endpoints::status(&mut table, context) {
        health.status = status;
    }
    set(&mut health.content_type, endpoints::content_type(&mut table, context));
    set(&mut health.schema, endpoints::schema(&mut table, scope, context));
    set(&mut health.max_time, endpoints::max_time(&mut table, context));
    set(&mut health.label, table.word("label", context));
    set(&mut health.interval, duration(&mut table, "interval", context));
    set(&mut health.timeout, duration(&mut table, "timeout", context));
    set(&mut health.start_period, duration(&mut table, "start-period", context));
    set(&mut health.retries, table.number("retries", i32::MAX as u32, context));
    table.finish(context);
}

pub(super) fn duration(
    table: &mut Table,
    key: &'static str,
    context: &mut Context<'_>,
) -> Option<Spanned<(SmolStr, u64)>> {
    let text = table.text(key, context)?;
    match values::duration_ms(&text.value) {
        Some(ms) => Some(Spanned::new((text.value, ms), text.place)),
        None => {
            let message = format!("`{}` is no duration: `{}`", table.path_of(key), text.value);
            context.error(text.place.span, message, Some("write it like \"30s\" or \"1m30s\"".to_owned()));
            None
        }
    }
}

/// Keys of the user's own with one text or number each.
pub(super) fn scalars(
    path: &str,
    entries: Vec<Entry>,
    context: &mut Context<'_>,
) -> Vec<(SmolStr, Spanned<SmolStr>)> {
    let mut list = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(value) = context.scalar_of(&format!("{path}.{}", entry.key), &entry.node) {
            list.push((SmolStr::from(entry.key), value));
        }
    }
    list
}

fn labels_and_env(draft: &mut Draft, root: &mut Table, context: &mut Context<'_>) {
    let plan = &mut draft.plan;
    if let Some(mut table) = root.table("labels", context) {
        if let Some(required) = table.texts("required", context) {
            plan.labels.required = required;
        }
        let values = scalars("labels.values", table.map("values", context), context);
        merge_by(&mut plan.labels.values, values, |(key, _)| key.clone());
        table.finish(context);
    }
    if let Some(mut table) = root.table("dockerignore", context) {
        if let Some(covers) = table.texts("covers", context) {
            plan.dockerignore_covers = covers;
        }
        table.finish(context);
    }
    let mut env = Vec::new();
    for entry in root.map("env", context) {
        let span = entry.node.span;
        let allowed = context.texts_of(&format!("env.{}", entry.key), &entry.node);
        let allowed = allowed.into_iter().map(|text| text.value).collect();
        env.push((SmolStr::from(entry.key), context.spanned(allowed, span)));
    }
    merge_by(&mut plan.env, env, |(name, _)| name.clone());
}
