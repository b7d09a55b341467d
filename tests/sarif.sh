#!/bin/sh
# Validates SARIF files with Microsoft's multitool, with the rules of the standard and of GitHub.
#
#   tests/sarif.sh FILE...
#
# Fails on any error or warning; notes are printed. Without npm there is nothing to validate with, and the script says so
# and succeeds. The tool is kept in target/sarif-multitool.
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
exit $status
