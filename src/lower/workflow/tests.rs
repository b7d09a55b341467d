//! Builds of workflows: references for each combination, what is certain, and from what they are built.

use super::workflow;
use crate::model::Workflow;
use crate::source::Source;
use crate::syntax::yaml::parse;

fn read(text: &str) -> Workflow {
    let source = Source::new("fleet/.github/workflows/x.yml", text.as_bytes().to_vec());
    workflow(&source, parse(&source))
}

/// Reference, sample and Dockerfile of each image, with the line.
fn images(text: &str) -> Vec<(u32, String, String, String)> {
    let workflow = read(text);
    let images = workflow.builds.iter().flat_map(|build| &build.images);
    let shown = |text: &Option<smol_str::SmolStr>| text.as_deref().unwrap_or("-").to_owned();
    images
        .map(|it| (it.place.start().line, shown(&it.reference), shown(&it.sample), shown(&it.dockerfile)))
        .collect()
}

fn job(rest: &str) -> String {
    format!("env: {{VERSION: 0.2.0, ORG: example}}\njobs:\n  build:\n{rest}")
}

#[test]
fn actions() {
    let text = job("    strategy:\n      matrix:\n        service: [web, api]\n    steps:\n\
        \x20     - uses: docker/build-push-action@v6\n        with:\n          context: services/${{ matrix.service }}\n\
        \x20         push: true\n          tags: |\n            ghcr.io/${{ env.ORG }}/${{ matrix.service }}:${{ env.VERSION }}\n\
        \x20           ghcr.io/x/y:sha-${{ github.sha }}, ghcr.io/${{ github.repository_owner }}/z:1\n");
    let at = |line: u32, text: &str, sample: &str, name: &str| {
        (line, text.to_owned(), sample.to_owned(), format!("fleet/services/{name}/Dockerfile"))
    };
    let sha = format!("ghcr.io/x/y:sha-{}", super::expression::COMMIT);
    assert_eq!(
        images(&text),
        [
            at(13, "ghcr.io/example/web:0.2.0", "ghcr.io/example/web:0.2.0", "web"),
            at(14, "ghcr.io/x/y:sha-*", &sha, "web"),
            at(14, "ghcr.io/*/z:1", "-", "web"),
            at(13, "ghcr.io/example/api:0.2.0", "ghcr.io/example/api:0.2.0", "api"),
            at(14, "ghcr.io/x/y:sha-*", &sha, "api"),
            at(14, "ghcr.io/*/z:1", "-", "api"),
        ]
    );
}

#[test]
fn tags_of_other_steps() {
    let text = job("    steps:\n      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n\
        \x20         images: ghcr.io/example/web\n          tags: |\n            type=raw,value=1.2\n            type=sha\n\
        \x20     - uses: docker/build-push-action@v6\n        with:\n          push: ${{ github.event_name == 'push' }}\n\
        \x20         file: docker/web.Dockerfile\n          tags: ${{ steps.meta.outputs.tags }}\n\
        \x20     - uses: docker/build-push-action@v6\n        with: {tags: '${{ needs.x.outputs.tags }}'}\n");
    let found = images(&text);
    let short: Vec<(&str, &str)> = found.iter().map(|it| (it.1.as_str(), it.3.as_str())).collect();
    assert_eq!(
        short,
        [
            ("ghcr.io/example/web:1.2", "fleet/docker/web.Dockerfile"),
            ("ghcr.io/example/web:*", "fleet/docker/web.Dockerfile"),
            ("*", "fleet/Dockerfile"),
        ]
    );
    let pushes: Vec<bool> = read(&text).builds.iter().map(|build| build.pushes).collect();
    assert_eq!(pushes, [true, false]);
}

#[test]
fn scripts() {
    let text = job(
        "    strategy: {matrix: {service: [web]}}\n    steps:\n      - run: |\n          set -eu\n\
        \x20         TAG=$(date -u +%Y%m%d)-${GITHUB_SHA::7}\n\
        \x20         docker build --pull -t ghcr.io/$ORG/${{ matrix.service }}:$TAG -f docker/w.Dockerfile .\n\
        \x20         docker push ghcr.io/$ORG/${{ matrix.service }}:$TAG\n\
        \x20         docker buildx build --platform linux/amd64,linux/arm64 --push --tag=x/y:$VERSION \"services/${{ matrix.service }}\"\n\
        \x20     - run: cd web && docker build -t local .\n      - run: docker push other:1\n",
    );
    let workflow = read(&text);
    let pushes: Vec<bool> = workflow.builds.iter().map(|build| build.pushes).collect();
    assert_eq!(pushes, [true, true, false, true]);
    let own = |line: u32, text: &str, sample: &str, file: &str| {
        (line, text.to_owned(), sample.to_owned(), file.to_owned())
    };
    assert_eq!(
        images(&text),
        [
            own(
                9,
                "ghcr.io/example/web:*-*",
                "ghcr.io/example/web:20250101-0123456",
                "fleet/docker/w.Dockerfile"
            ),
            own(11, "x/y:0.2.0", "x/y:0.2.0", "fleet/services/web/Dockerfile"),
            own(12, "local", "local", "-"),
            own(13, "other:1", "other:1", "fleet/Dockerfile"),
        ]
    );
    assert_eq!(workflow.builds[1].platforms.len(), 2);
    assert_eq!(workflow.builds[0].images[0].place.text(), "ghcr.io/$ORG/${{ matrix.service }}:$TAG");
}

#[test]
fn matrices() {
    for (matrix, wanted, computed) in [
        ("{a: [1, 2], b: [x, y], exclude: [{a: 1, b: x}]}", "1y 2x 2y", false),
        ("{include: [{a: web}, {a: api, b: 2}]}", "web* api2", false),
        ("{a: [1], include: [{a: 1, b: x}, {a: 2, b: y}, {b: z}]}", "1x 2y", false),
        ("{a: [{name: web, b: 1}, {name: api}]}", "** **", false),
        ("${{ fromJson(needs.x.outputs.y) }}", "**", true),
        ("{a: '${{ fromJson(inputs.a) }}', b: [1]}", "*1", true),
        ("{a: []}", "", false),
    ] {
        let text = job(&format!(
            "    strategy:\n      matrix: {matrix}\n    steps:\n      - run: docker build -t '${{{{ matrix.a }}}}${{{{ matrix.b }}}}' .\n"
        ));
        let found = images(&text);
        let names: Vec<&str> = found.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(names.join(" "), wanted, "{matrix}");
        assert!(read(&text).builds.iter().all(|build| build.is_matrix_computed == computed), "{matrix}");
    }
}

#[test]
fn variables_that_a_script_writes_are_not_certain() {
    let text = job("    steps:\n      - run: echo \"VERSION=$(cat version)\" >> \"$GITHUB_ENV\"\n\
        \x20     - uses: docker/build-push-action@v6\n        with: {push: true, tags: \"web:${{ env.VERSION }}\"}\n");
    assert_eq!(images(&text)[0].1, "web:*");
}

#[test]
fn odd_files() {
    for text in [
        "",
        "jobs: []",
        "jobs: {a: }",
        "jobs: {a: {steps: {}}}",
        "jobs: {a: {steps: [1, {run: }, {uses: [x]}]}}",
    ] {
        assert!(read(text).builds.is_empty(), "{text}");
    }
    let many = (0..200).map(|at| format!("i{at}")).collect::<Vec<_>>().join(", ");
    let text = job(&format!(
        "    strategy: {{matrix: {{a: [{many}], b: [{many}]}}}}\n    steps: [{{run: 'docker build -t x .'}}]\n"
    ));
    assert!(images(&text).len() <= super::MAX_IMAGES);
    let doubling = "          A=\"$A$A\"\n".repeat(64);
    let text = job(&format!(
        "    steps:\n      - run: |\n          A=x\n{doubling}          docker build -t $A .\n"
    ));
    let found = images(&text);
    assert!(found[0].1.contains('*') && found[0].1.len() < 100, "{found:?}");
    let masks = "docker build -t ${{a}}${{b}}@5@@@0 .\n".repeat(600);
    let text = job(&format!("    steps:\n      - run: |\n{}", masks.replace("docker", "          docker")));
    assert_eq!(images(&text).len(), 256);
}
