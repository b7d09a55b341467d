//! Who the process runs as.

mod accounts;

pub(in crate::rules) use runtime_user::mends as runtime_user_mends;

rules! { "user":
    runtime_user "runtime-user" Error on,
    user_exists "user-exists" Error on,
    root_needed "root-needed" Error on,
}

#[cfg(test)]
mod tests;
