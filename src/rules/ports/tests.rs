//! Ports: cases that pages leave out, and what cannot be told.

use crate::rules::tests::{case, hold};

const SERVICE: &str = "[services.rows]\nweb={ports=\"7113/8113\"}\n";

#[test]
fn a_planned_service() {
    hold(
        "web/Dockerfile",
        &[
            case(
                "range",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE 7113-7115 8113\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "extra",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE 7113 8113 9000\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "one missing",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE 7113\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "both wrong",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE 7000\nEXPOSE 8000\nCMD [\"sleep\",\"1\"]\n",
                &[2, 3],
                &[],
            ),
            case(
                "var none",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE ${P} 8113\nCMD [\"sleep\",\"1\"]\n",
                &[2],
                &[],
            ),
            case(
                "var",
                "service-ports",
                SERVICE,
                "FROM debian:12\nENV P=7113 H=8113\nEXPOSE $P $H\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case(
                "var both in one",
                "service-ports",
                SERVICE,
                "FROM debian:12\nARG P=\"7113 8113\"\nEXPOSE $P\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
            case("unread none", "service-ports", SERVICE, "FROM corp/x\nCMD [\"sleep\",\"1\"]\n", &[], &[1]),
            case(
                "builder only",
                "service-ports",
                SERVICE,
                "FROM debian:12 AS a\nEXPOSE 7113 8113\nFROM debian:12\nCMD [\"sleep\",\"1\"]\n",
                &[3],
                &[],
            ),
            case(
                "hidden",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPSE 7113 8113\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[1],
            ),
            case(
                "dup expose",
                "service-ports",
                SERVICE,
                "FROM debian:12\nEXPOSE 7113 7113/tcp 8113\nCMD [\"sleep\",\"1\"]\n",
                &[],
                &[],
            ),
        ],
    );
}
