//! What the plan wants left out of build contexts and is there nevertheless: once for each context.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use crate::lower::{Files, context};
use crate::model::{BuildContext, Present};
use crate::plan::Plan;

/// A context: its folder, and its ignore file.
type Key = (String, Option<String>);

/// Contexts that were looked at.
#[derive(Default)]
pub(super) struct Contexts(Mutex<HashMap<Key, Arc<Vec<Present>>>>);

impl Contexts {
    /// What of the names that the plan wants left out is in a context.
    pub(super) fn present(
        &self,
        context: &BuildContext,
        plan: &Plan,
        files: &dyn Files,
    ) -> Arc<Vec<Present>> {
        if plan.dockerignore_covers.is_empty() {
            return Arc::default();
        }
        let ignore = context.ignore_file.as_ref().map(|source| source.path().to_owned());
        let key = (context.folder.clone(), ignore);
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let names: Vec<SmolStr> = plan.dockerignore_covers.iter().map(|name| name.value.clone()).collect();
        let found = Arc::new(context::present(context, &names, files));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
        found
    }
}
