//! What the steps of a build do, and what they leave in the image: failures, variables, secrets.

mod installers;
mod secrets;

rules! { "run":
    masked_failure "masked-failure" Warning on,
    run_export "run-export" Error on,
    secret_literal "secret-literal" Error on,
    secret_default "secret-default" Error on,
    env_value "env-value" Error on,
}
