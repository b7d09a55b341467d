//! Account commands, one per row.

use super::super::testing::World;

/// `user:id:group`, with `+` before a group of the user's own, `@name:id` for groups, `old>` before changes.
fn shown(text: &str) -> String {
    let mut world = World::with(&[("UID", "10001"), ("NAME", "app")]);
    world.variables.insert("NONE", None);
    let one = |account: &super::Account| {
        let was = account.was.as_ref().map(|was| format!("{was}>")).unwrap_or_default();
        let id = account.id.map_or("?".into(), |id| id.to_string());
        let own = if account.own_group { "+" } else { "" };
        let group = account.primary_group.as_deref().unwrap_or("-");
        match account.is_group {
            true => format!("{was}@{}:{id}", account.name),
            false => format!("{was}{}:{id}:{own}{group}", account.name),
        }
    };
    world.facts(text).accounts.iter().map(|account| one(&account.value)).collect::<Vec<_>>().join(" ")
}

#[test]
fn accounts() {
    for (text, wanted) in [
        ("useradd -u 10001 app", "app:10001:+app"),
        ("useradd --uid=10001 --gid 10001 -m app", "app:10001:10001"),
        ("useradd -rmu 1000 -g app app", "app:1000:app"),
        ("useradd -ou 1000 -N app", "app:1000:-"),
        ("useradd -r app", "app:?:+app"),
        ("useradd -u ${UID} -c 'A B' -s /bin/sh $NAME", "app:10001:+app"),
        ("useradd -u $NONE app", "app:?:+app"),
        ("useradd -l -u 5 -U -d /app app", "app:5:+app"),
        ("useradd -D -s /bin/sh", ""),
        ("groupadd -g 10001 app && useradd -u 10001 -g app app", "@app:10001 app:10001:app"),
        ("groupadd --system app", "@app:?"),
        ("groupadd -rg 999 app", "@app:999"),
        ("getent group app || groupadd -g 1 app", "@app:1"),
        ("id -u app >/dev/null 2>&1 || useradd -u 2 app", "app:2:+app"),
        ("if ! id app; then useradd -u 2 app; fi", "app:2:+app"),
        ("addgroup -g 1000 -S app && adduser -D -u 1000 -G app app", "@app:1000 app:1000:app"),
        ("adduser -S -D -H app", "app:?:nogroup"),
        ("adduser -D -g 'App User' app", "app:?:+app"),
        ("adduser -Du 7 app", "app:7:+app"),
        ("addgroup --gid 1000 --system app", "@app:1000"),
        ("adduser --uid 1000 --gid 1000 --disabled-password --gecos '' app", "app:1000:1000"),
        ("adduser --system --group --no-create-home app", "app:?:+app"),
        ("adduser --system --uid 5 app", "app:5:nogroup"),
        ("adduser --ingroup www app", "app:?:www"),
        ("adduser -r -u 9 -g 8 app", "app:9:8"),
        ("adduser app www", ""),
        ("addgroup app www", ""),
        ("usermod -u 10001 node && groupmod -g 10001 node", "node>node:10001:- node>@node:10001"),
        ("usermod -l app -d /home/app node", "node>app:?:-"),
        ("usermod -aG docker app", ""),
        ("groupmod -n app node", "node>@app:?"),
        ("echo 'app:x:10001:10002:App:/app:/bin/sh' >> /etc/passwd", "app:10001:10002"),
        ("echo 'app:x:10001:' | tee -a /etc/group", "@app:10001"),
        ("printf 'a:x:1:1::/:\\nb:x:2:3::/:\\n' >>/etc/passwd", "a:1:1 b:2:3"),
        ("echo \"app:x:${UID}:0::/:\" >> /etc/passwd", "app:10001:0"),
        ("cat >> /etc/passwd <<EOF\napp:x:5:6::/:\nEOF", "app:5:6"),
        ("echo hello >> /etc/motd", ""),
        ("sudo useradd -u 3 app", "app:3:+app"),
        ("useradd", ""),
    ] {
        assert_eq!(shown(text), wanted, "{text}");
    }
}
