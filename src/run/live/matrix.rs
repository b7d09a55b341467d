//! Services × checks: what was judged, and how it ended.

use smol_str::SmolStr;

use crate::model::{LiveContainer, LiveEndpoint};
use crate::report::FleetRow;
use crate::settle::Settled;

/// What was judged, in order.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Service, what of it, and the rule.
    list: Vec<(SmolStr, SmolStr, &'static str)>,
}

impl Judged {
    /// A rule speaks about an endpoint.
    pub(super) fn endpoint(&mut self, endpoint: &LiveEndpoint, rule: &'static str) {
        self.list.push((endpoint.name.clone(), endpoint.url.clone(), rule));
    }

    /// A rule speaks about a container.
    pub(super) fn container(&mut self, container: &LiveContainer, rule: &'static str) {
        self.list.push((container.name.clone(), container.name.clone(), rule));
    }
}

/// The table.
pub(super) fn rows(_: &Judged, _: &Settled) -> Vec<FleetRow> {
    Vec::new()
}
