//! What a plan says about deployments: `[limits]`, `[logging]`, `[mounts]`, `[deploy]`, `[workflows]`,
//! `[machine-profile]`.

use smol_str::SmolStr;

use super::draft::{Draft, merge_by, set};
use super::fields::{Context, Table};
use super::profile::BUILTIN_SCHEMA;
use super::sections::{FileScope, scalars};
use super::services::rebased;
use crate::model::{Quantity, Spanned};

/// Lays the sections of one file over the draft.
pub(super) fn apply(draft: &mut Draft, root: &mut Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    let plan = &mut draft.plan;
    if let Some(mut table) = root.table("limits", context) {
        let limits = &mut plan.limits;
        set(&mut limits.cpu_limit, quantity(&mut table, "cpu", Quantity::cpus, context));
        set(&mut limits.memory_limit, quantity(&mut table, "memory", Quantity::memory, context));
        set(&mut limits.cpu_reserved, quantity(&mut table, "cpu-reserved", Quantity::cpus, context));
        set(&mut limits.memory_reserved, quantity(&mut table, "memory-reserved", Quantity::memory, context));
        table.finish(context);
    }
    if let Some(mut table) = root.table("logging", context) {
        set(&mut plan.logging.driver, table.word("driver", context));
        let options = scalars("logging.options", table.map("options", context), context);
        merge_by(&mut plan.logging.options, options, |(key, _)| key.clone());
        table.finish(context);
    }
    if let Some(mut table) = root.table("mounts", context) {
        if let Some(paths) = table.texts("read-only", context) {
            plan.read_only_mounts = paths;
        }
        table.finish(context);
    }
    if let Some(mut table) = root.table("deploy", context) {
        set(&mut plan.deploy.required, table.flag("required", context));
        set(&mut plan.deploy.restart, table.word("restart", context));
        set(&mut plan.deploy.read_only, table.flag("read-only", context));
        table.finish(context);
    }
    if let Some(mut table) = root.table("workflows", context) {
        set(&mut plan.workflows.matrix, table.flag("matrix", context));
        table.finish(context);
    }
    if let Some(mut table) = root.table("machine-profile", context) {
        let schema = table.word("schema", context);
        let schema = schema.map(|path| match path.value.as_str() {
            BUILTIN_SCHEMA => path,
            _ => rebased(path, scope),
        });
        set(&mut plan.profile_schema, schema);
        table.finish(context);
    }
}

/// A quantity as text or number.
pub(super) fn quantity(
    table: &mut Table,
    key: &'static str,
    read: fn(&str) -> Quantity,
    context: &mut Context<'_>,
) -> Option<Spanned<Quantity>> {
    let path = table.path_of(key);
    let node = table.take(key)?;
    let text: Spanned<SmolStr> = context.scalar_of(&path, &node)?;
    let quantity = read(&text.value);
    if quantity.amount.is_none() {
        let message = format!("`{path}` is no quantity: `{}`", text.value);
        context.error(text.place.span, message, Some("write it like \"512M\" or \"0.5\"".to_owned()));
        return None;
    }
    Some(Spanned::new(quantity, text.place))
}

#[cfg(test)]
mod tests {
    use super::super::testing::load_text;

    #[test]
    fn deployments_are_read() {
        let plan = load_text(
            "limits = { cpu = 1, memory = \"1GB\", cpu-reserved = \"0.5\", memory-reserved = \"512M\" }\n\
             logging = { driver = \"json-file\", options = { max-size = \"10m\", max-file = 3 } }\n\
             mounts = { read-only = [\"/app/data\"] }\n\
             deploy = { required = true, restart = \"unless-stopped\", read-only = false }\n\
             [machines.pc2]\ncompose = [\"deploy/compose.yaml\"]\n",
        );
        let plan = match plan {
            Ok(plan) => plan,
            Err(errors) => panic!("{errors:?}"),
        };
        let amount = |said: &Option<crate::model::Spanned<crate::model::Quantity>>| {
            said.as_ref().and_then(|said| said.value.amount)
        };
        assert_eq!(amount(&plan.limits.cpu_limit), Some(1000));
        assert_eq!(amount(&plan.limits.memory_limit), Some(1 << 30));
        assert_eq!(amount(&plan.limits.cpu_reserved), Some(500));
        assert_eq!(amount(&plan.limits.memory_reserved), Some(512 << 20));
        assert_eq!(plan.logging.options[1].1.value, "3");
        assert_eq!(plan.read_only_mounts[0].value, "/app/data");
        assert_eq!(plan.deploy.restart.as_ref().map(|said| said.value.as_str()), Some("unless-stopped"));
        assert_eq!(plan.machines[0].compose[0].value, "deploy/compose.yaml");
        assert!(super::super::show(&plan).contains("memory-reserved"));
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        let errors = load_text("[limits]\nmemory = \"much\"\n").err().unwrap_or_default();
        assert!(errors.iter().any(|error| error.to_string().contains("no quantity")), "{errors:?}");
    }
}
