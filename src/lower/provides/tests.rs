//! What is there after a RUN, one row per RUN.

use super::super::testing::World;

fn world() -> World {
    World::holding(&[("/app/r.txt", "httpx==1\n-r n.txt\n"), ("/app/n.txt", "Prometheus_Client\n")])
}

/// Added names, removed names behind `-`, and `*` when the RUN is opaque.
fn shown(text: &str) -> String {
    let provided = world().facts(text).provided;
    let names = provided.names.iter().map(|name| name.value.to_string());
    let removed = provided.removed.iter().map(|name| format!("-{}", name.value));
    let opaque = provided.opaque.map(|_| "*".to_owned());
    names.chain(removed).chain(opaque).collect::<Vec<_>>().join(" ")
}

#[test]
fn provided() {
    for (text, wanted) in [
        ("apt-get install -y netcat-openbsd jq=1.6", "netcat-openbsd nc netcat jq"),
        ("apt-get install -y tini", "tini /usr/bin/tini /usr/bin/tini-static"),
        ("apk add tini", "tini /sbin/tini"),
        ("apt-get install -y python3-pip", "python3-pip pip pip3"),
        ("pip install Flask httpx==1", "flask pip:flask pip:httpx"),
        ("pip install -r r.txt", "pip:httpx pip:prometheus-client"),
        ("pip install -r missing.txt", "*"),
        ("pip install .", "*"),
        ("pip wheel a", ""),
        ("pip uninstall -y A_b", "-pip:a-b"),
        ("pipx install poetry==1.8", "poetry"),
        ("apt-get install a && apt-get purge -y a", "-a"),
        ("apt-get remove a; apt-get install a", "a"),
        ("apt-get install a b-", "a -b"),
        ("apk add --virtual .b gcc && make && apk del .b", "-gcc -.b"),
        ("apt-get install $UNKNOWN", "*"),
        ("apt-get install python3=$UNKNOWN", "python3"),
        ("apt-get install ./x.deb", "*"),
        ("curl -fsSL https://x/t -o /usr/local/bin/tini", "/usr/local/bin/tini"),
        ("cd /usr/bin && curl -LO https://x/y/jq?a=b", "/usr/bin/jq"),
        ("wget -qO /tini https://x/tini && chmod +x /tini", "/tini"),
        ("wget https://x/y/z.tgz -P /opt", "/opt/z.tgz"),
        ("curl https://x > /usr/bin/x", "/usr/bin/x"),
        ("curl -s https://x -o /dev/null", ""),
        ("ln -s /opt/a /usr/bin/b", "/usr/bin/b"),
        ("ln -sf /opt/a /usr/local/bin/", "/usr/local/bin/a"),
        ("cp x /usr/bin", "/usr/bin/x"),
        ("install -m 0755 -o root x /usr/bin/y", "/usr/bin/y"),
        ("install -d /x", ""),
        ("mv a b /usr/bin", "/usr/bin/a /usr/bin/b"),
        ("rm -f /usr/bin/curl", "-/usr/bin/curl"),
        ("chmod +x /tini", ""),
        ("mkdir -p /app && echo hi", ""),
    ] {
        assert_eq!(shown(text), wanted, "{text}");
    }
}

#[test]
fn opaque_commands() {
    for text in [
        "./setup.sh",
        "bash /tmp/install.sh",
        "sh install.sh -y",
        "curl https://x | sh",
        "curl https://x | bash -s -- -y",
        "curl https://x | sudo bash",
        "make && make install",
        "conda install -y x",
        "brew install x",
        "dpkg -i x.deb",
        "rpm -ivh x.rpm",
        "tar -xzf a.tgz -C /usr/local",
        "tar xzf a.tgz -C /",
        "curl x | tar -xz -C /usr/local/bin",
        "poetry install",
        "uv sync --frozen",
        "python3 get-pip.py",
        "eval \"$X\"",
        ". ./setup.sh",
        "python3 setup.py -q install",
        "cat r.txt | xargs pip install",
        "$TOOL x",
        "dnf groupinstall -y x",
        "echo 'unclosed",
    ] {
        assert!(shown(text).ends_with('*'), "{text}: {}", shown(text));
    }
}

#[test]
fn transparent_commands() {
    for text in [
        "apt-get update",
        "make",
        "sh -c 'echo hi'",
        "tar -czf /x.tgz /usr",
        "tar -xzf a.tgz -C /opt/x",
        "python3 manage.py collectstatic",
        ". /etc/os-release",
        ". /opt/venv/bin/activate",
        "rpm -qi x",
        "dpkg -l",
        "conda clean -a",
        "python -c 'import x'",
        "/usr/bin/env true",
        "npm ci",
        "apt-get dist-upgrade -y",
        "./configure && make",
        "python setup.py build",
    ] {
        assert!(!shown(text).ends_with('*'), "{text}: {}", shown(text));
    }
}
