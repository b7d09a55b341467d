//! Who the process runs as.

use crate::rules::rules;

rules! { "user":
    runtime_user "runtime-user" Error on,
}
