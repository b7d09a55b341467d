//! The policy itself: waivers, suppressions and plans that contradict themselves.

rules! { "policy":
    plan_contradiction "plan-contradiction" Error on,
    waiver "waiver" Warning on,
    suppression_unused "suppression-unused" Warning on,
}
