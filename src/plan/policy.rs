//! What the plan says of rules: `ruleset`, `[rules]`, `[[overrides]]` and `[[waivers]]` of one file.

use smol_str::SmolStr;

use super::draft::{Draft, merge_by};
use super::fields::{Context, Table};
use super::rulesets;
use super::sections::FileScope;
use super::toml::{Entry, Node, Toml};
use super::types::{Override, RuleSetting, Waiver};
use super::values;
use crate::finding::Severity;
use crate::model::Spanned;
use crate::source::Span;

/// Lays what one file says of rules over what earlier files said.
pub(super) fn apply(draft: &mut Draft, root: &mut Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    ruleset(draft, root, context);
    let new = rules("rules", root.map("rules", context), scope, context);
    merge_by(&mut draft.plan.rules, new, |setting| setting.rule.value.clone());
    overrides(draft, root, scope, context);
    waivers(draft, root, scope, context);
}

/// `ruleset`: one of those that this program knows.
fn ruleset(draft: &mut Draft, root: &mut Table, context: &mut Context<'_>) {
    let Some(named) = root.text("ruleset", context) else { return };
    if rulesets::RULESETS.version(&named.value).is_none() {
        let names: Vec<&str> = rulesets::RULESETS.names().collect();
        let message = format!("there is no rule set `{}`", named.value);
        let help = format!("this program has {}", names.join(", "));
        context.error(named.place.span, message, Some(help));
        return;
    }
    draft.plan.ruleset = Some(named);
}

/// `[[overrides]]`: other severities below some paths. Later ones count.
fn overrides(draft: &mut Draft, root: &mut Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    let Some(node) = root.take("overrides") else { return };
    let Toml::Array(items) = node.value else {
        context.wrong("overrides", "a list of tables (`[[overrides]]`)", &node);
        return;
    };
    for item in items {
        let span = item.span;
        let Some(mut table) = Table::of("overrides", item, context) else { continue };
        let wrong = context.errors.len();
        let paths = table.texts("paths", context).unwrap_or_default();
        if paths.is_empty() && context.errors.len() == wrong {
            context.error(span, "an override names no `paths`".to_owned(), None);
        }
        let rebased = |path: Spanned<SmolStr>| {
            let value = SmolStr::from((scope.rebase)(&path.value));
            Spanned::new(value, path.place)
        };
        let paths = paths.into_iter().map(rebased).collect();
        let entries = table.map("rules", context);
        let rules = rules("overrides.rules", entries, scope, context);
        for setting in rules.iter().filter(|setting| setting.severity.is_none() || !setting.suppressible) {
            let message =
                format!("an override sets the severity of `{}` and nothing else", setting.rule.value);
            let help = Some("write `id = \"warning\"`; what protects a rule stands in `[rules]`".to_owned());
            context.error(setting.rule.place.span, message, help);
        }
        table.finish(context);
        draft.plan.overrides.push(Override { paths, rules });
    }
}

/// The settings of a table of rules: `id = "warning"`, or `id = { severity = …, suppressible = … }`.
fn rules(
    section: &str,
    entries: Vec<Entry>,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Vec<RuleSetting> {
    let mut new = Vec::new();
    for entry in entries {
        let Some(id) = rule_id(&entry.key, entry.key_span, scope, context) else { continue };
        let path = format!("{section}.{}", entry.key);
        let rule = context.spanned(id, entry.key_span);
        if let Toml::Text(_) = entry.node.value {
            let severity = severity(&path, &entry.node, context);
            new.push(RuleSetting { rule, severity, suppressible: true });
            continue;
        }
        let Some(mut table) = Table::of(path.clone(), entry.node, context) else { continue };
        let severity = table.take("severity").and_then(|node| severity(&path, &node, context));
        let suppressible = table.flag("suppressible", context).is_none_or(|flag| flag.value);
        table.finish(context);
        new.push(RuleSetting { rule, severity, suppressible });
    }
    new
}

fn severity(path: &str, node: &Node, context: &mut Context<'_>) -> Option<Option<Severity>> {
    let text = context.text_of(path, node)?;
    if text.value == "off" {
        return Some(None);
    }
    let severity = Severity::parse(&text.value);
    if severity.is_none() {
        let message = format!("`{path}` is no severity: `{}`", text.value);
        context.error(node.span, message, Some("use error, warning, note or off".to_owned()));
    }
    severity.map(Some)
}

fn rule_id(id: &str, span: Span, scope: &FileScope<'_>, context: &mut Context<'_>) -> Option<SmolStr> {
    let near = match (scope.known_rule)(id) {
        Ok(id) => return Some(SmolStr::new_static(id)),
        Err(near) => near,
    };
    // A pack is tested with the rules it names; one of a later version still loads.
    if scope.pack {
        return Some(SmolStr::from(id));
    }
    let help = Some(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`plimsoll rules` lists the rules".to_owned(),
    });
    let short: String = id.chars().take(60).collect();
    context.error(span, format!("no rule is called `{short}`"), help);
    None
}

fn waivers(draft: &mut Draft, root: &mut Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    let Some(node) = root.take("waivers") else { return };
    let Toml::Array(items) = node.value else {
        context.wrong("waivers", "a list of tables (`[[waivers]]`)", &node);
        return;
    };
    for item in items {
        let span = item.span;
        let Some(table) = Table::of("waivers", item, context) else { continue };
        draft.plan.waivers.extend(waiver(table, span, scope, context));
    }
}

fn waiver(mut table: Table, span: Span, scope: &FileScope<'_>, context: &mut Context<'_>) -> Option<Waiver> {
    let wrong = context.errors.len();
    let rule = table.text("rule", context);
    if rule.is_none() && context.errors.len() == wrong {
        context.error(span, "a waiver names no `rule`".to_owned(), None);
    }
    let rule = rule.and_then(|rule| {
        let id = rule_id(&rule.value, rule.place.span, scope, context)?;
        Some(Spanned::new(id, rule.place))
    });
    let path = table.word("path", context).map(|path| {
        let rebased = (scope.rebase)(&path.value);
        Spanned::new(SmolStr::from(rebased), path.place)
    });
    let service = table.word("service", context);
    let until = table.take("until").and_then(|node| until(&node, context));
    let owner = table.text("owner", context);
    let reason = table.text("reason", context);
    table.finish(context);
    Some(Waiver { rule: rule?, path, service, until, owner, reason, place: context.place(span) })
}

fn until(node: &Node, context: &mut Context<'_>) -> Option<Spanned<(u16, u8, u8)>> {
    let text = match &node.value {
        Toml::Text(text) => text.clone(),
        Toml::Date => context.written(node),
        _ => {
            context.wrong("waivers.until", "a date", node);
            return None;
        }
    };
    let date = values::date(&text);
    if date.is_none() {
        let message = format!("`waivers.until` is no date: `{text}`");
        context.error(node.span, message, Some("write it like 2027-01-31".to_owned()));
    }
    date.map(|date| context.spanned(date, node.span))
}
