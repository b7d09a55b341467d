use super::*;

fn shown(text: &str, secrets: &[Secret]) -> Vec<String> {
    let part = |range: &Range<usize>| text[range.clone()].to_owned();
    secrets.iter().map(|it| format!("{:?} {} {}", it.what, part(&it.name), part(&it.value))).collect()
}

#[test]
fn steps_of_every_builder_are_read() {
    for (step, wanted) in [
        ("ENV API_TOKEN=abcd1234", &["Value API_TOKEN abcd1234"][..]),
        ("/bin/sh -c #(nop)  ENV A=b API_TOKEN=abcd 1234 C=d", &["Value API_TOKEN abcd 1234"]),
        ("/bin/sh -c #(nop) ARG apiToken=abcd1234", &["Value apiToken abcd1234"]),
        ("LABEL build.token=q7Zt41", &["Value build.token q7Zt41"]),
        ("ARG API_TOKEN", &[]),
        ("|2 A=b API_TOKEN=abcd1234 /bin/sh -c make", &["Value API_TOKEN abcd1234"]),
        ("RUN |1 API_TOKEN=abcd1234 /bin/sh -c make # buildkit", &["Value API_TOKEN abcd1234"]),
        ("RUN |1 A=b /bin/bash -c DB_PASSWORD=q7Zt41 make # buildkit", &["Value DB_PASSWORD q7Zt41"]),
        ("RUN /bin/sh -c export DB_PASSWORD='q7 Zt' && make # buildkit", &["Value DB_PASSWORD q7 Zt"]),
        ("/bin/sh -c #(nop)  ENV PYTHON_VERSION=3.11.9", &[]),
        ("/bin/sh -c #(nop)  CMD [\"python3\"]", &[]),
        ("COPY --from=builder /x /y # buildkit", &[]),
        ("", &[]),
        ("|", &[]),
        ("|1", &[]),
        ("ENV ", &[]),
        ("ENV =x", &[]),
    ] {
        assert_eq!(shown(step, &in_step(step)), wanted, "{step}");
    }
}

#[test]
fn scripts_show_options_headers_accounts_urls_and_tokens() {
    for (text, wanted) in [
        ("curl -H \"Authorization: Bearer q7Zt41mVx\" https://x", &["Header Authorization q7Zt41mVx"][..]),
        ("curl -H 'X-Api-Key: q7Zt41mVx' https://x", &["Header X-Api-Key q7Zt41mVx"]),
        ("wget --header=\"PRIVATE-TOKEN: q7Zt41\" x", &["Header PRIVATE-TOKEN q7Zt41"]),
        ("curl -H \\\"Authorization: token q7Zt41\\\" x", &["Header Authorization q7Zt41"]),
        ("curl -H \"Authorization: Bearer $TOKEN\" x", &[]),
        ("echo 'Token: see the manual'", &[]),
        ("app --password hunter2; x", &["Option password hunter2"]),
        ("app --password=hunter2 x", &["Option password hunter2"]),
        ("app --api-key \"q7 Zt\" x", &["Option api-key q7 Zt"]),
        ("adduser --disabled-password app", &[]),
        ("docker login --password-stdin registry.example", &[]),
        ("buildah bud --secret id=npmrc,src=/x .", &[]),
        ("app --password $PASSWORD", &[]),
        ("curl -fsS -u robot:q7Zt41 https://x", &["Account robot q7Zt41"]),
        ("useradd -u 1000:1000 x", &[]),
        ("curl x; docker run -u 1000:1000", &[]),
        ("sshpass -p q7Zt41 ssh x", &["Option -p q7Zt41"]),
        ("echo 'root:q7Zt41' | chpasswd", &["Account root q7Zt41"]),
        ("echo root:root|chpasswd", &[]),
        ("git clone https://bot:q7Zt41@example.com/x", &["Url q7Zt41 q7Zt41"]),
        ("pip install -i https://$USER:$PASS@example.com/x", &[]),
        ("echo '{\"password\": \"q7Zt41\"}' > x", &["Value password q7Zt41"]),
        ("echo '{\\\"auth_token\\\":\\\"q7Zt41\\\"}' > x", &["Value auth_token q7Zt41"]),
        (
            "x ghp_abcdefghijklmnopqrstuvwxyz0123456789 y",
            &[
                "Token(\"a GitHub token\") ghp_abcdefghijklmnopqrstuvwxyz0123456789 ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            ],
        ),
        (
            "echo \"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAq7Zt41\n-----END RSA\"",
            &["Token(\"a private key\")  -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAq7Zt41\n"],
        ),
        ("-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEAq7Zt41", &[]),
        ("grep -q -- '-----BEGIN RSA PRIVATE KEY-----' /etc/ssl/x.pem && exit 1", &[]),
        ("x?access_token=q7Zt41&y=z", &["Value access_token q7Zt41"]),
        ("PASSWORD=\"$(cat /run/secrets/x)\"", &[]),
        ("password=changeme", &[]),
        ("é=é:é \"é\":\"é\" --password é", &[]),
    ] {
        assert_eq!(shown(text, &in_text(text)), wanted, "{text}");
    }
}

/// Variables of widely used images, and the traps that names set.
#[test]
fn what_official_images_set_is_no_secret() {
    for (name, value) in [
        ("PYTHON_VERSION", "3.11.9"),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("GPG_KEYS", "1198C0117593497A5EC5C199286AF1F9897469DC 39B641343D8C104B2B146DC3F9C39DC0B9698544"),
        ("SIGNING_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("RABBITMQ_PGP_KEY_ID", "0x0A9AF2115F4687BD29803A206B73A36E6026DFCA"),
        ("NVIDIA_REQUIRE_CUDA", "cuda>=12.1 brand=tesla,driver>=470,driver<471"),
        ("NV_CUDA_CUDART_VERSION", "12.1.105-1"),
        ("YARN_VERSION", "1.22.19"),
        ("PUBLIC_KEY", "ssh-rsa q7Zt41"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "$DB"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("PHP_ASC_URL", "https://www.php.net/get/php-8.3.9.tar.xz.asc/from/this/mirror"),
        ("PHP_SHA256", "bf4d7b8ea60a356064f88485278bd6f941a230ec16f0fc401574ce1445ad6c77"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
        ("AUTH_TOKEN_TTL", "300"),
        ("KEY", "value"),
    ] {
        assert!(in_pair(name, value).is_empty(), "{name}={value}");
    }
    for (name, value, wanted) in [
        ("DB_PASSWORD", "pa$$word9", "pa$$word9"),
        ("SIGNING_KEY", "q7Zt41mVx", "q7Zt41mVx"),
        ("dbPassword", "\"q7 Zt\"", "\"q7 Zt\""),
        ("JAVA_OPTS", "-Xmx1g -Dspring.datasource.password=q7Zt41 -x", "q7Zt41"),
        ("DATABASE_URL", "postgres://a:q7Zt41@db/x", "q7Zt41"),
        ("NOTE", "see glpat-abcdefghij0123456789", "glpat-abcdefghij0123456789"),
    ] {
        let found: Vec<&str> = in_pair(name, value).iter().map(|it| &value[it.value.clone()]).collect();
        assert_eq!(found, [wanted], "{name}");
    }
}

#[test]
fn long_texts_take_linear_time() {
    for part in [
        "Authorization: ",
        "Authorization:",
        "'Authorization:",
        "-----BEGIN ",
        "token=\"",
        "token=$",
        "AKIA_",
        "|chpasswd",
        "://a:",
        "\"token\":'",
        "curl -u a:",
        "--password '",
        "|1 TOKEN=a ",
        "a=",
        "=:",
    ] {
        let text = part.repeat(200_000 / part.len()) + "EXAMPLE";
        for read in [in_text, in_step, |text: &str| in_pair("X", text), |text: &str| in_pair("TOKEN", text)] {
            let started = std::time::Instant::now();
            let secrets = read(&text);
            assert!(secrets.windows(2).all(|pair| pair[0].value.end <= pair[1].value.start), "{part}");
            // Quadratic time would be minutes.
            assert!(started.elapsed().as_secs() < 10, "{part}: {:?}", started.elapsed());
        }
    }
}
