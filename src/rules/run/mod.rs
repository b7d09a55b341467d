//! What the steps of a build do, and what they leave in the image: failures, variables, secrets.

mod installers;
mod interpolation;
mod said;
mod secrets;
mod url_password;

mod hide_deployed;
mod hide_secrets;
mod mask;
mod redact;

pub(crate) use hide_deployed::{hide_in_tree, hide_lines};
pub(in crate::rules) use hide_secrets::is_secret;
pub(crate) use hide_secrets::{hide_in_container, hide_secrets};
pub(crate) use redact::Redaction;
pub(in crate::rules) use secrets::{
    PRIVATE_KEY, SHORTEST, ValueKind, is_secret_name, kind_of, kind_under, token,
};
pub(in crate::rules) use url_password::url_password;

rules! { "run":
    masked_failure "masked-failure" Warning on,
    run_export "run-export" Error on,
    secret_literal "secret-literal" Error on,
    secret_default "secret-default" Error on,
    env_value "env-value" Error on,
    sudo_used "sudo-used" Warning off,
    run_cd "run-cd" Warning off,
    run_consecutive "run-consecutive" Note off,
    tls_off "tls-off" Warning off,
    pipe_to_shell "pipe-to-shell" Warning off,
    apt_recommends "apt-recommends" Note off,
    apt_yes "apt-yes" Warning off,
    apk_cache "apk-cache" Note off,
    apt_update_alone "apt-update-alone" Warning off,
    apt_upgrade "apt-upgrade" Warning off,
}
