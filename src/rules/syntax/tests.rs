//! Faults of the text: cases that pages leave out, and what cannot be told.

use crate::rules::tests::{case, hold};

#[test]
fn a_file_of_its_own() {
    hold(
        "Dockerfile",
        &[
            case(
                "tpl org",
                "template-leftover",
                "",
                "FROM ghcr.io/<org>/x AS a\nFROM ghcr.io/<org>/y\nCMD [\"sleep\",\"1\"]\n",
                &[1, 2],
                &[],
            ),
            case(
                "tpl arg",
                "template-leftover",
                "",
                "ARG B=ghcr.io/<org>/x\nFROM ${B} AS a\nFROM ${B}\nCMD [\"sleep\",\"1\"]\n",
                &[1],
                &[],
            ),
            case(
                "tpl run",
                "template-leftover",
                "",
                "FROM debian:12\nRUN docker inspect -f \"{{.Id}}\" x\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "tpl erb",
                "template-leftover",
                "",
                "FROM debian:12\nENV X=<%= x %>\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "lost env",
                "lost-continuation",
                "",
                "FROM debian:12\nENV A=1\n  B=2\n\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "lost health",
                "lost-continuation",
                "",
                "FROM debian:12\nHEALTHCHECK --interval=30s \\\n  --timeout=5s\n  CMD curl -f x\nCMD [\"x\"]\n",
                &[3],
                &[],
            ),
            case(
                "health alone",
                "lost-continuation",
                "",
                "FROM debian:12\nHEALTHCHECK --interval=30s\nCMD [\"x\"]\n",
                &[],
                &[],
            ),
        ],
    );
}
