//! The policy itself: waivers, suppressions and plans that contradict themselves.

rules! { "policy":
    waiver "waiver" Warning on,
    suppression_unused "suppression-unused" Warning on,
}
