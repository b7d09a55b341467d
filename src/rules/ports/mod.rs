//! Which ports a service listens on, and whether the fleet holds the services that are planned.

rules! { "ports":
    service_ports "service-ports" Error on,
    port_conflict "port-conflict" Error on,
    service_coverage "service-coverage" Error on,
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod deployed_tests;
