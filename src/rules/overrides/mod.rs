//! What a deployment file takes away from an image that has it.

pub(in crate::rules) use override_drops_health::is_reported as drops_health;

rules! { "overrides":
    override_drops_init "override-drops-init" Error on,
    override_drops_health "override-drops-health" Error on,
}
