//! The containers of the engine as facts: which row each belongs to.

use super::super::RunError;
use super::targets::Scope;
use crate::live::FleetSource;
use crate::lower::live::container;
use crate::model::LiveContainer;
use crate::source::{Place, Span};

/// Reads the engine's containers; `None`: no engine is asked.
pub(super) fn read(
    source: &dyn FleetSource,
    scope: &Scope<'_>,
) -> Result<Option<Vec<LiveContainer>>, RunError> {
    let parts = source.containers().map_err(|(message, help)| RunError { help, ..RunError::new(message) })?;
    let Some(parts) = parts else { return Ok(None) };
    if parts.is_empty() {
        return Err(RunError::new("the engine has no containers"));
    }
    let anchor =
        scope.plan.sources.first().map(|source| Place { source: source.clone(), span: Span::new(0, 0) });
    let mut list = Vec::with_capacity(parts.len());
    for parts in parts {
        let service = scope.row_of(&parts);
        let place = match service {
            Some(row) => scope.plan.services[row].name.place.clone(),
            None => match &anchor {
                Some(anchor) => anchor.clone(),
                None => continue,
            },
        };
        list.push(container(parts, service, &place));
    }
    Ok(Some(list))
}
