//! Which planned service a workload belongs to.

use crate::lower::is_well_known;
use crate::model::Workload;
use crate::plan::{Plan, PlanIndex};
use crate::syntax::image_reference::ImageReference;

/// The planned service that a workload belongs to, as an index into the plan's rows.
///
/// The Dockerfile that makes its image decides. Without one, an image of the fleet's own that is named like a row, the
/// name of the object that starts it (`object`, when it has this one container), and its own name do, in this order; but a
/// name alone makes no service of an image of others: a database that is called like a row stays a database.
#[must_use]
pub fn row_of_workload(
    workload: &Workload,
    object: Option<&str>,
    plan: &Plan,
    index: &PlanIndex,
) -> Option<usize> {
    let by_path = workload.dockerfile.as_deref().and_then(|path| index.service_of(path));
    let named = said_dockerfile(workload).and_then(|path| index.service_of(path));
    let row = by_path.or(named).or_else(|| by_name(workload, object, plan, index));
    row.filter(|row| *row < plan.services.len())
}

/// The Dockerfile that the file says, although nobody could read it.
fn said_dockerfile(workload: &Workload) -> Option<&str> {
    Some(workload.build.as_ref()?.dockerfile.as_ref()?.value.as_str())
}

fn by_name(workload: &Workload, object: Option<&str>, plan: &Plan, index: &PlanIndex) -> Option<usize> {
    let own = || index.service_named(&workload.name.value);
    let of_object = || object.and_then(|object| index.service_named(object));
    if workload.dockerfile.is_some() {
        // The fleet makes the image, and no row is called like its Dockerfile.
        return of_object().or_else(own);
    }
    let Some(image) = workload.image.as_ref().map(|image| image.value.text.as_str()) else {
        return of_object().or_else(own);
    };
    let of_image = index.service_of_reference(image);
    match origin(image, plan) {
        Origin::Own => of_image.or_else(of_object).or_else(own),
        // Built here: the image's name is only the one it gets.
        _ if workload.build.is_some() => of_object().or_else(own).or(of_image),
        // Nobody says whose images are the fleet's, so the name counts.
        Origin::Unknown if plan.images.registry.is_none() => of_image.or_else(of_object).or_else(own),
        // A second witness makes it the row's.
        Origin::Unknown => of_image.filter(|row| of_object() == Some(*row) || own() == Some(*row)),
        Origin::Public => None,
    }
}

/// Whose image a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The fleet's: it carries the plan's registry, or has no registry and no owner.
    Own,
    /// A public image that everybody knows.
    Public,
    /// Somebody's.
    Unknown,
}

fn origin(image: &str, plan: &Plan) -> Origin {
    if let Some(registry) = &plan.images.registry {
        let registry = registry.value.trim_end_matches('/');
        if image.strip_prefix(registry).is_some_and(|rest| rest.starts_with('/')) {
            return Origin::Own;
        }
    }
    let reference = ImageReference::parse(image);
    let is_bare = reference.registry.is_none() && !reference.repository.contains('/');
    if is_well_known(image) || (is_bare && PUBLIC.contains(&reference.repository)) {
        return Origin::Public;
    }
    // A name alone is what `docker build -t` gives; Docker Hub's official images are in the list.
    if is_bare { Origin::Own } else { Origin::Unknown }
}

/// Official images of Docker Hub that fleets run beside their own.
const PUBLIC: &[&str] = &[
    "adminer",
    "arangodb",
    "caddy",
    "cassandra",
    "chronograf",
    "clickhouse",
    "consul",
    "couchbase",
    "couchdb",
    "docker",
    "elasticsearch",
    "etcd",
    "fluentd",
    "ghost",
    "gitea",
    "grafana",
    "haproxy",
    "httpd",
    "hello-world",
    "influxdb",
    "jenkins",
    "kafka",
    "keycloak",
    "kibana",
    "kong",
    "logstash",
    "mariadb",
    "memcached",
    "minio",
    "mongo",
    "mongo-express",
    "mosquitto",
    "eclipse-mosquitto",
    "mysql",
    "nats",
    "neo4j",
    "nextcloud",
    "nginx",
    "phpmyadmin",
    "postgres",
    "prometheus",
    "rabbitmq",
    "redis",
    "registry",
    "rethinkdb",
    "solr",
    "sonarqube",
    "telegraf",
    "traefik",
    "vault",
    "varnish",
    "wordpress",
    "zookeeper",
];

#[cfg(test)]
mod tests {
    use super::{Origin, origin};

    #[test]
    fn images_of_others_are_told_apart() {
        let plan =
            crate::plan::testing::load_text("[images]\nregistry = \"ghcr.io/example\"\n").expect("valid");
        for (image, wanted) in [
            ("ghcr.io/example/api:1", Origin::Own),
            ("ghcr.io/example-other/api:1", Origin::Unknown),
            ("api:1", Origin::Own),
            ("redis:7", Origin::Public),
            ("docker.io/library/python:3.11", Origin::Public),
            ("grafana/grafana", Origin::Unknown),
            ("ghcr.io/example", Origin::Unknown),
        ] {
            assert_eq!(origin(image, &plan), wanted, "{image}");
        }
    }
}
