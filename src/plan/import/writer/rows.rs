//! Machines, services and contracts of the plan: tables whose names are the document's own.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::super::super::cells::is_everywhere;
use super::super::super::draft::RowDraft;
use super::super::super::toml_text::{self as toml, comment};
use super::super::claims::{Value, Voice, key};
use super::super::settings::{CONTRACT, Form};
use super::{Line, Writer};

impl Writer<'_> {
    pub(super) fn machines(&mut self) {
        for (name, _) in &self.material.machines.list {
            let header = format!("machines.{}", toml::key(name));
            let mut lines = Vec::new();
            for field in ["alias", "host", "profile", "compose", "cuda-arch"] {
                self.one(field, &key(["machines", name, field]), &mut lines);
            }
            // A machine of which nothing but the name is known is one all the same.
            self.plain(String::new());
            self.plain(format!("[{header}]"));
            self.out.lines.extend(lines);
            let way = key(["machines", name, "values"]);
            let mut lines = Vec::new();
            for path in self.below(&way).into_iter().map(|(key, _)| (*key).clone()).collect::<Vec<_>>() {
                let variable = path.last().map(|name| toml::key(name)).unwrap_or_default();
                self.one(&variable, &path, &mut lines);
            }
            self.put(&format!("[{header}.values]"), lines);
        }
    }

    pub(super) fn services(&mut self) {
        let services = self.material.services;
        if services.rows.is_empty() {
            return;
        }
        if let (Some(table), Some(heading), false) = (services.table, &services.heading, self.material.inline)
        {
            let file = toml::string(self.material.file);
            let heading = heading.as_ref().map(|text| format!(", heading = {}", toml::string(text)));
            let line = self.material.source.lines().line_of(table.span.start);
            let rows = services.rows.len();
            self.plain(String::new());
            let plural = if rows == 1 { "" } else { "s" };
            self.plain(format!("# {rows} row{plural}, from line {line}."));
            self.plain("[services]".to_owned());
            self.plain(format!("table = {{ file = {file}{} }}", heading.unwrap_or_default()));
            self.out.taken += rows;
            return self.about_paths(true);
        }
        let mut lines = Vec::new();
        let mut names = HashSet::new();
        for (row, voice) in &services.rows {
            let text = self.row(row);
            let twice = !names.insert(row.name.value.clone());
            let why = match voice {
                Voice::Doubtful(why) => Some(why.clone()),
                _ => twice.then(|| "the name stands there twice".to_owned()),
            };
            match why {
                Some(why) => {
                    self.out.doubtful += 1;
                    lines.push(Line { text: format!("# {text}: {}", comment(&why)), value: false });
                }
                None => {
                    self.out.taken += 1;
                    lines.push(Line { text, value: true });
                }
            }
        }
        self.put("[services.rows]", lines);
        self.about_paths(false);
    }

    /// What a document cannot be asked for: where the files of a service are.
    fn about_paths(&mut self, table: bool) {
        let rows = &self.material.services.rows;
        let Some((row, _)) = rows.iter().find(|(row, _)| row.paths.is_empty()) else { return };
        let name = toml::key(&row.name.value);
        self.plain(
            "# Only the document was read. A service whose files its name does not find needs their paths:"
                .to_owned(),
        );
        match table {
            true => {
                self.plain("# [services.rows]".to_owned());
                self.plain(format!("# {name} = {{ paths = [\"services/web\"] }}"));
            }
            false => self.plain(format!("# {name} = {{ \u{2026}, paths = [\"services/web\"] }}")),
        }
    }

    /// `Name = { on = ["mainpc"], base = "family-web", ports = "7200/8200" } # docs/plan.md:84`
    fn row(&self, row: &RowDraft) -> String {
        let mut parts = Vec::new();
        if let Some(on) = &row.on {
            let mut names: Vec<String> = Vec::new();
            let machines = self.material.machines;
            for name in &on.value {
                match machines.of(&name.value) {
                    Some(known) => names.push(known.to_owned()),
                    None if is_everywhere(&name.value) && !machines.list.is_empty() => {
                        names.extend(machines.list.iter().map(|(name, _)| name.clone()));
                    }
                    None => names.push(name.value.to_string()),
                }
            }
            let mut seen = HashSet::new();
            names.retain(|name| seen.insert(name.clone()));
            parts.push(format!("on = {}", toml::list(names)));
        }
        let texts = [
            ("needs", &row.needs),
            ("base", &row.base),
            ("python", &row.python),
            ("repository", &row.repository),
        ];
        for (name, text) in
            texts.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)))
        {
            parts.push(format!("{name} = {}", toml::string(&text.value)));
        }
        match (&row.service_port, &row.health_port) {
            (Some(service), Some(health)) => {
                parts.push(format!("ports = \"{}/{}\"", service.value, health.value))
            }
            (Some(service), None) => parts.push(format!("port = {}", service.value)),
            (None, Some(health)) => parts.push(format!("health-port = {}", health.value)),
            (None, None) => {}
        }
        if !row.paths.is_empty() {
            parts.push(format!("paths = {}", toml::list(row.paths.iter().map(|path| &path.value))));
        }
        let inner = if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) };
        let line = self.material.source.lines().line_of(row.name.place.span.start);
        let at = comment(&format!("# {}:{line}", self.material.source.path()));
        format!("{} = {inner} {at}", toml::key(&row.name.value))
    }

    pub(super) fn contracts(&mut self) {
        let mut names: Vec<SmolStr> = Vec::new();
        let mut seen = HashSet::new();
        for (path, _) in self.settled {
            if let [first, second, name, ..] = path.as_slice()
                && first == "services"
                && second == "contracts"
                && seen.insert(name.clone())
            {
                names.push(name.clone());
            }
        }
        let mut off = Vec::new();
        for name in &names {
            let way = key(["services", "contracts", name]);
            if self.material.claims.settled(&way) == Some(Value::Flag(false)) {
                self.one(&toml::key(name), &way, &mut off);
            }
        }
        self.put("[services.contracts]", off);
        for name in names {
            let way = |field: &str| key(["services", "contracts", &name, field]);
            // Without a path there is nothing to ask.
            let asked = self.material.claims.settled(&way("path")).is_some();
            let off = self.material.claims.settled(&key(["services", "contracts", &name]))
                == Some(Value::Flag(false));
            let mut lines = Vec::new();
            for (field, form) in CONTRACT.iter().filter(|(field, _)| !off && (asked || *field == "path")) {
                match form {
                    Form::Scalars | Form::Texts => self.group(field, &way(field), &mut lines),
                    _ => self.one(field, &way(field), &mut lines),
                }
            }
            self.put(&format!("[services.contracts.{}]", toml::key(&name)), lines);
        }
    }
}
