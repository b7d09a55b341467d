//! Where code hosts look for files.

use crate::report::Repository;

#[test]
fn code_hosts_are_told_paths_from_the_root_in_their_jobs() {
    let local = Repository { prefix: "services/".into(), ..Repository::default() };
    let job = Repository { hosted: true, ..local.clone() };
    for (path, wanted) in [
        ("web/Dockerfile", "services/web/Dockerfile"),
        ("../web/Dockerfile", "web/Dockerfile"),
        ("/abs/Dockerfile", "/abs/Dockerfile"),
        ("oci:web", "oci:web"),
    ] {
        assert_eq!((job.path(path).as_ref(), local.path(path).as_ref()), (wanted, path));
    }
    assert_eq!(local.path("./web/Dockerfile"), "web/Dockerfile");
}
