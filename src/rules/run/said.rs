//! What deployment files say of variables, as it is written there.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::model::{Spanned, Value, Workload};
use crate::rules::common::narrow;
use crate::source::Place;

/// One variable or build argument of a deployment file.
pub(super) struct Said<'w> {
    /// Its name.
    pub(super) name: &'w str,
    /// What it is in the end.
    pub(super) value: &'w Value,
    /// Name and value, or the value alone.
    pub(super) place: &'w Place,
    /// Whether a build gets it and not the container.
    pub(super) is_argument: bool,
}

/// Variables that a workload itself sets, and arguments that it builds with.
pub(super) fn said(workload: &Workload) -> impl Iterator<Item = Said<'_>> {
    let args = workload.build.iter().flat_map(|build| &build.args).map(|arg| Said::of(arg, true));
    workload.overlay().env.iter().map(|pair| Said::of(pair, false)).chain(args)
}

impl<'w> Said<'w> {
    fn of(said: &'w Spanned<(SmolStr, Value)>, is_argument: bool) -> Self {
        Self { name: &said.value.0, value: &said.value.1, place: &said.place, is_argument }
    }

    /// The value as it is written, without name and quotes.
    pub(super) fn raw(&self) -> String {
        let text = self.place.text();
        let text = unquote(text.trim());
        // `NAME=value` of a list, `NAME: value` of a mapping, `export NAME=value` of a file.
        let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
        let behind = text.trim_start_matches(['"', '\'']).strip_prefix(self.name);
        let behind = behind.map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        match behind.map(|rest| rest.strip_prefix(['=', ':'])) {
            Some(Some(value)) => unquote(value.trim()).to_owned(),
            // A name without a value: what it is comes from elsewhere.
            Some(None) if text.trim_matches(['"', '\'']) == self.name => String::new(),
            _ => text.to_owned(),
        }
    }

    /// Where the name stands, or the value when the name stands elsewhere.
    pub(super) fn key(&self) -> Cow<'_, Place> {
        match self.place.text().contains(self.name) {
            true => Cow::Owned(narrow(self.place, self.name)),
            false => Cow::Borrowed(self.place),
        }
    }
}

/// A text without its outer quotes.
pub(super) fn unquote(text: &str) -> &str {
    let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text)
}
