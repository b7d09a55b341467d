#!/bin/sh
# Validates SARIF files with Microsoft's multitool, with the rules of the standard and of GitHub.
#
#   tests/sarif.sh FILE...
#
# Fails on any error or warning; notes are printed. The line hashes are held against those that the multitool computes, which
# are GitHub's own; where target/release/plimsoll is, also those of files that are easy to get wrong. Without npm there is
# nothing to validate with, and the script says so and succeeds. The tool is kept in target/sarif-multitool.
set -eu

[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
command -v npm >/dev/null || { echo "sarif.sh: skipped, npm is not installed"; exit 0; }

root=$(cd "$(dirname "$0")/.." && pwd)
home=$root/target/sarif-multitool
tool=$home/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
if [ ! -f "$tool" ]; then
    mkdir -p "$home"
    (cd "$home" && npm install --ignore-scripts --no-save --silent @microsoft/sarif-multitool-linux@5.7.0)
fi
chmod u+x "$tool"

status=0
for file in "$@"; do
    verdict=$(mktemp)
    # The multitool's exit code is 0 whatever it finds: its own report is what counts.
    "$tool" validate "$file" --rule-kind 'Sarif;Gh' --level 'Error;Warning;Note' --kind Fail --quiet true \
        --max-file-size-in-kb 100000 --output "$verdict" --log ForceOverwrite >/dev/null
    node -e '
        const fs = require("fs");
        const [file, report] = process.argv.slice(1);
        const run = JSON.parse(fs.readFileSync(report, "utf8").replace(/^\uFEFF/, "")).runs[0];
        const counts = {};
        let bad = 0;
        for (const result of run.results || []) {
            const level = result.level || "warning";
            const where = result.locations?.[0]?.physicalLocation?.region;
            if (level !== "note") {
                bad += 1;
                console.error(`${file}: ${level} ${result.ruleId} line ${where?.startLine} ${JSON.stringify(result.message.arguments)}`);
            } else {
                counts[result.ruleId] = (counts[result.ruleId] || 0) + 1;
            }
        }
        const notes = Object.entries(counts).map(([rule, count]) => `${rule} ${count}`).join(", ");
        console.log(`${file}: ${bad} errors and warnings; notes: ${notes || "none"}`);
        process.exit(bad > 0 ? 1 : 0);
    ' "$file" "$verdict" || status=1
    rm -f "$verdict"
done

# The multitool computes only hashes that are not there: it gets the report without ours, and each of its results is compared.
same_hashes() { # file, least number of results that have a hash
    bare=$(mktemp -d)
    node -e '
        const fs = require("fs");
        const [file, bare] = process.argv.slice(1);
        const log = JSON.parse(fs.readFileSync(file, "utf8"));
        for (const result of log.runs[0].results) delete result.partialFingerprints;
        fs.writeFileSync(`${bare}/in.sarif`, JSON.stringify(log));
    ' "$1" "$bare"
    "$tool" rewrite "$bare/in.sarif" --output "$bare/out.sarif" --insert RollingHashPartialFingerprints \
        --log ForceOverwrite >/dev/null
    node -e '
        const fs = require("fs");
        const [file, bare, least] = process.argv.slice(1);
        const results = (path) => JSON.parse(fs.readFileSync(path, "utf8").replace(/^\uFEFF/, "")).runs[0].results;
        const [ours, theirs] = [results(file), results(`${bare}/out.sarif`)];
        let compared = 0, bad = ours.length === theirs.length ? 0 : 1;
        ours.forEach((result, at) => {
            const hash = theirs[at]?.partialFingerprints?.primaryLocationLineHash;
            // Images and endpoints have no file that the multitool could read.
            if (hash === undefined) return;
            compared += 1;
            if (hash !== result.partialFingerprints.primaryLocationLineHash) {
                bad += 1;
                const place = result.locations[0].physicalLocation;
                console.error(`${file}: ${place.artifactLocation.uri}:${place.region.startLine}: ${result.partialFingerprints.primaryLocationLineHash}, and GitHub has ${hash}`);
            }
        });
        console.log(`${file}: ${compared} of ${ours.length} line hashes compared, ${bad} differ`);
        process.exit(bad > 0 || compared < Number(least) ? 1 : 0);
    ' "$1" "$bare" "$2" || status=1
    rm -rf "$bare"
}

for file in "$@"; do
    same_hashes "$file" 0
done

own=$root/target/release/plimsoll
if [ -x "$own" ]; then
    awkward=$root/target/sarif-awkward
    rm -rf "$awkward"
    mkdir -p "$awkward/crlf" "$awkward/cr" "$awkward/wide" "$awkward/twice" "$awkward/long" "$awkward/odd name"
    printf 'FROM debian:latest\r\n\r\nRUN sudo x\r\n\tRUN sudo x\r\nUSER 0' >"$awkward/crlf/Dockerfile"
    printf 'FROM debian:latest\n# a\rb\rc\n\t RUN\tsudo   x \nUSER 0\n\n\n' >"$awkward/cr/Dockerfile"
    printf 'FROM debian:latest\nLABEL a="\346\274\242\345\255\227 \360\237\230\200\360\235\204\236"\nENV API_PASSWORD="\360\237\230\200hunter2"\nUSER 0 # \303\251\n' \
        >"$awkward/wide/Dockerfile"
    { printf 'FROM debian:latest\n'; for _ in 1 2 3 4 5; do printf 'RUN sudo x\nUSER 0\n'; done; } >"$awkward/twice/Dockerfile"
    { printf 'FROM debian:latest\nRUN sudo '; head -c 3000 /dev/zero | tr '\0' y; printf '\nUSER 0\n'; } >"$awkward/long/Dockerfile"
    cp "$awkward/twice/Dockerfile" "$awkward/odd name/Dockerfile"
    report=$root/target/sarif-awkward.json
    (cd "$awkward" && git init -q . && "$own" check . --pack strict --format sarif >"$report") || [ $? -eq 1 ]
    same_hashes "$report" 30
fi
exit $status
