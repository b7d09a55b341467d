//! Programs of health checks: cases that pages leave out, and what cannot be told.

use crate::rules::tests::{case, hold};

const HEALTH: &str = "[health]\npath=\"/health\"\nlabel=\"health_check_port\"\ninterval=\"30s\"\ntimeout=\"10s\"\nstart-period=\"40s\"\nretries=3\n";

#[test]
fn a_file_of_its_own() {
    hold(
        "Dockerfile",
        &[
            case(
                "tool opaque",
                "healthcheck-tool",
                HEALTH,
                "FROM debian:12\nRUN curl -L https://x | sh\nHEALTHCHECK CMD curl -f http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[3],
            ),
            case(
                "tool full python",
                "healthcheck-tool",
                HEALTH,
                "FROM python:3.11\nHEALTHCHECK CMD curl -f http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "tool alpine wget",
                "healthcheck-tool",
                HEALTH,
                "FROM alpine\nHEALTHCHECK CMD wget -q http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "tool alpine curl",
                "healthcheck-tool",
                HEALTH,
                "FROM alpine\nHEALTHCHECK CMD curl -f http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "tool debian wget",
                "healthcheck-tool",
                HEALTH,
                "FROM debian:12\nHEALTHCHECK CMD wget -q http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "tool two",
                "healthcheck-tool",
                HEALTH,
                "FROM debian:12\nHEALTHCHECK CMD wget -q http://localhost/ || curl -f http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "tool alt",
                "healthcheck-tool",
                HEALTH,
                "FROM alpine\nHEALTHCHECK CMD wget -q http://localhost/ || curl -f http://localhost/ || exit 1\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "tool req",
                "healthcheck-tool",
                HEALTH,
                "FROM python:3.11-slim\nRUN pip install requests\nHEALTHCHECK CMD python -c \"import requests; requests.get('http://localhost/')\"\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "tool purged",
                "healthcheck-tool",
                HEALTH,
                "FROM debian:12\nRUN apt-get install -y curl && x && apt-get purge -y curl\nHEALTHCHECK CMD curl -f http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[3],
                &[],
            ),
            case(
                "scratch exec",
                "healthcheck-tool",
                HEALTH,
                "FROM scratch\nCOPY hc /hc\nHEALTHCHECK CMD [\"/hc\"]\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "scratch shell",
                "healthcheck-tool",
                HEALTH,
                "FROM scratch\nCOPY hc /hc\nHEALTHCHECK CMD /hc\nCMD [\"sleep\",\"1\"]\n",
                &[3],
                &[],
            ),
            case(
                "scratch from root",
                "healthcheck-tool",
                HEALTH,
                "FROM alpine AS b\nFROM scratch\nCOPY --from=b / /\nHEALTHCHECK CMD wget -q http://localhost/\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[4],
            ),
            case(
                "scratch busybox",
                "healthcheck-tool",
                HEALTH,
                "FROM scratch\nCOPY --from=busybox /bin/sh /bin/sh\nHEALTHCHECK CMD /hc\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
        ],
    );
}
