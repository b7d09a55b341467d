use super::*;

#[test]
fn names() {
    for name in [
        "NPM_TOKEN",
        "db-password",
        "DB_PASS",
        "TRANSLATE_API_KEY",
        "SSH_PRIVATE_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "APIKEY",
        "ADMINPASSWORD",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "KMS_KEY_ALIAS",
        "SSH_AUTH_SOCK",
        "TOKEN_VERSION",
        "CAMERA_TOKEN_FILE",
        "KEY_ROTATION_DAYS",
        "GPG_KEY",
        "PUBLIC_KEY",
        "MAX_TOKENS",
        "TOKENIZER",
        "TOKENIZERS_PARALLELISM",
        "PASSWORD_FILE",
        "ALLOW_EMPTY_PASSWORD",
        "SECRET_NAME",
        "COMPASS",
        "TOKEN_URL",
        "KEY",
        "PASS_THROUGH",
        "PASSWORD_HASHER",
        "AUTH_PASSWORD_VALIDATORS",
        "PASSWORD_ENCRYPTION",
        "TOKEN_AUTHENTICATION",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn values() {
    use ValueKind::{Harmless, Known, Literal};
    for (value, wanted) in [
        ("", Harmless),
        ("$X", Harmless),
        ("${X}", Harmless),
        ("${X:?}", Harmless),
        ("${X:-}", Harmless),
        ("${X:-changeme}", Known),
        ("${X-q7Zt}", Known),
        ("changeme", Known),
        ("your-token-here", Known),
        ("xxxx", Known),
        ("/run/secrets/x", Harmless),
        ("https://id.example.com/token", Harmless),
        ("https://a:b@id.internal", Literal),
        ("yes", Harmless),
        ("q7Zt-41mVx", Literal),
        ("<token>", Harmless),
    ] {
        assert_eq!(kind_of(value), wanted, "{value}");
    }
}

#[test]
fn values_that_repeat_the_name() {
    use ValueKind::{Known, Literal};
    for (name, value, wanted) in [
        ("OAUTH_SECRET", "oauth_secret", Known),
        ("MINIO_ACCESS_KEY", "minio", ValueKind::Harmless),
        ("MINIO_ACCESS_KEY", "q7Zt-41mVx", Literal),
        ("MINIO_SECRET_ACCESS_KEY", "minioadmin", Known),
        ("GRAFANA_API_KEY", "API key", Known),
        ("DB_PASSWORD", "q7Zt-41mVx", Literal),
        ("DB_PASSWORD", "db", Literal),
        ("DB_PASSWORD", "---", Literal),
    ] {
        assert_eq!(kind_under(name, value), wanted, "{name}={value}");
    }
}

#[test]
fn tokens() {
    let token_of = |prefix: &str, length: usize| format!("a={prefix}{} b", "A1b2".repeat(length));
    assert_eq!(token(&token_of("ghp_", 9)), Some((2, "a GitHub token")));
    assert_eq!(token("AKIA1234"), None);
    assert_eq!(token("AKIAIOSFODNN7EXAMPLE"), None);
    assert_eq!(token(&format!("x-{}", token_of("hf_", 9))).map(|it| it.0), Some(4));
    assert_eq!(token(&format!("a_{}", &token_of("AKIA", 4)[2..])).map(|it| it.0), Some(2));
    assert_eq!(token(&format!("aa{}", &token_of("AKIA", 4)[2..])), None);
    let shortest = SHAPES.iter().map(|(prefix, length, _)| prefix.len() + length).min();
    assert_eq!(shortest, Some(SHORTEST));
    assert_eq!(token(&format!("x{}", token_of("AKIA", 4))).map(|it| it.0), Some(3));
    assert_eq!(token("-----BEGIN RSA PRIVATE KEY-----").map(|it| it.0), Some(0));
    assert_eq!(token("-----BEGIN PUBLIC KEY-----"), None);
}
