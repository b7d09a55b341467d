//! What depends on the machine that a service runs on.

mod copied_profile;

pub(in crate::rules) use machine_arg::mends as machine_arg_mends;

rules! { "machine":
    machine_profile "machine-profile" Error on,
    machine_arg "machine-arg" Error on,
}
