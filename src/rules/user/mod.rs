//! Who the process runs as.

mod accounts;

pub(in crate::rules) use runtime_user::{
    Verdict, mends as runtime_user_mends, planned as user_planned, planned_text as planned_user,
    verdict as user_verdict,
};

rules! { "user":
    runtime_user "runtime-user" Error on,
    user_exists "user-exists" Error on,
    root_needed "root-needed" Error on,
}

#[cfg(test)]
mod tests;
