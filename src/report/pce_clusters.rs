//! Every container cluster of a PCE, against the clusters of some files: a table in each form.

// a page is written once, for a person: what reads best wins over an allocation
#![allow(clippy::format_collect)]

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    columns::{cell, columns},
    html::escaped,
    printable::printable,
    text::TITLE,
};
use crate::{
    chart::secrets::{masked, masked_name},
    mode::ClusterMode,
    pce_clusters::{Row, Standing},
};

/// The clusters of a PCE, compared with those of some files.
#[derive(Clone, Copy, Debug)]
pub struct OfPce<'r> {
    /// The PCE's host and port.
    pub host: &'r str,
    /// The number of the organisation.
    pub org: &'r str,
    /// The clusters.
    pub rows: &'r [Row<'r>],
    /// How many clusters of the files are another PCE's, or name no `cluster_id`, so they are not among these.
    pub left_out: usize,
}

impl OfPce<'_> {
    /// The table, with its title.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{TITLE}{}{TITLE:#}\n\n{}{}", self.title(), text(self.rows), self.remark())
    }

    /// The same in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        format!("## {}\n\n{}{}", cell(&self.title()), markdown(self.rows), cell(&self.remark()).trim_end())
    }

    /// The same as a part of a page.
    #[must_use]
    pub fn html(&self) -> String {
        let head: String = HEAD.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name))).collect();
        let row = |row: &Row<'_>| {
            let cells = cells(row);
            let data: String = cells[1..]
                .iter()
                .zip(&HEAD[1..])
                .map(|(text, name)| format!("<td data-label=\"{}\">{}</td>", escaped(name), escaped(text)))
                .collect();
            format!("<tr><th scope=\"row\">{}</th>{data}</tr>\n", escaped(&cells[0]))
        };
        let rows: String = self.rows.iter().map(row).collect();
        format!(
            "<h2 id=\"pce\">{}</h2>\n<table class=\"rows\" aria-labelledby=\"pce\">\n<thead><tr>{head}</tr></thead>\n\
             <tbody>\n{rows}</tbody>\n</table>\n<p>{}. {}</p>\n",
            escaped(&self.title()),
            escaped(&summary(self.rows)),
            escaped(self.remark().trim_end())
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({ "host": self.host, "org": self.org, "clusters": rows_json(self.rows), "leftOut": self.left_out })
    }

    /// Whether the PCE and the files agree about every cluster that the files have.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let is_well = |row: &Row<'_>| matches!(row.standing, Standing::Agrees | Standing::OnlyPce) && !row.is_shared();
        self.rows.iter().all(is_well)
    }

    fn title(&self) -> String {
        format!("Clusters of the PCE {}, organisation {}", printable(self.host), printable(self.org))
    }

    fn remark(&self) -> String {
        match self.left_out {
            0 => String::new(),
            1 => "1 cluster of the files belongs to another PCE or has no cluster_id, and is not compared\n".to_owned(),
            number => {
                format!(
                    "{number} clusters of the files belong to another PCE or have no cluster_id, and are not compared\n"
                )
            }
        }
    }
}

const HEAD: [&str; 6] = ["CLUSTER", "PCE", "FILE", "ONLINE", "KUBELINK", ""];

/// A table with a line a cluster, and how many of each there are.
#[must_use]
pub fn text(rows: &[Row<'_>]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let mut out = columns(&lines);
    let _ = writeln!(out, "\n{}", summary(rows));
    out
}

/// The same as a Markdown table, and the counts below it.
#[must_use]
pub fn markdown(rows: &[Row<'_>]) -> String {
    let mut out = String::from("| Cluster | PCE | File | Online | Kubelink | |\n|---|---|---|---|---|---|\n");
    for row in rows {
        let cells = cells(row).map(|text| cell(&text));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(out, "\n{}.", summary(rows));
    out
}

/// The rows as JSON. (`schemas/output.schema.json`, `pceCluster`)
#[must_use]
pub fn rows_json(rows: &[Row<'_>]) -> Vec<Value> {
    rows.iter().map(row_json).collect()
}

fn row_json(row: &Row<'_>) -> Value {
    let files: Vec<Value> = row
        .files
        .iter()
        .map(|file| json!({ "file": masked_name(&file.file), "mode": file.mode.map(ClusterMode::as_str) }))
        .collect();
    let pce = row.pce.map(|pce| {
        json!({
            "name": pce.name,
            "href": pce.href,
            "mode": pce.mode.map(ClusterMode::as_str),
            "said": pce.said,
            "since": pce.since,
            "online": pce.online,
            "kubelink": pce.kubelink,
            "lastConnected": pce.last_connected,
            "errors": pce.errors,
        })
    });
    json!({
        "id": row.id,
        "standing": row.standing.as_str(),
        "pce": pce,
        "files": files,
        "namesakes": row.namesakes,
    })
}

/// How many of each there are, in a line.
#[must_use]
pub fn summary(rows: &[Row<'_>]) -> String {
    let of = |standing| rows.iter().filter(|row| row.standing == standing).count();
    let between = rows.iter().filter(|row| row.pce.is_some_and(crate::pce_clusters::PceCluster::is_between)).count();
    let counted = [
        (of(Standing::Agrees), "agree"),
        (of(Standing::Disagrees), "disagree"),
        (of(Standing::Unclear), "unclear"),
        (of(Standing::OnlyPce), "known to the PCE only"),
        (of(Standing::OnlyFiles), "known to files only"),
        (between, "between two modes"),
    ];
    let said: Vec<String> =
        counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if said.is_empty() { "no clusters".to_owned() } else { said.join(", ") }
}

fn cells(row: &Row<'_>) -> [String; 6] {
    let shown = |text: &str| printable(&masked(text));
    let or_dash = |text: Option<&str>| text.map_or("-".to_owned(), shown);
    let name = row.pce.and_then(|pce| pce.name.as_deref());
    // one name for two clusters makes their rows look alike
    let cluster = match name {
        Some(name) if row.namesakes == 0 => shown(name),
        Some(name) => format!("{} ({})", shown(name), shown(row.id)),
        None => shown(row.id),
    };
    let on_pce = row.pce.map_or("-".to_owned(), |pce| match (pce.mode, &pce.since) {
        (Some(mode), Some(since)) if pce.is_between() => format!("{mode} since {}", printable(since)),
        (Some(mode), _) => mode.to_string(),
        (None, _) => printable(&pce.said),
    });
    let modes: Vec<String> =
        row.files.iter().map(|file| file.mode.map_or("?".to_owned(), |mode| mode.to_string())).collect();
    let in_files = if modes.is_empty() { "-".to_owned() } else { modes.join(", ") };
    let online = match row.pce.and_then(|pce| pce.online) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    let kubelink = or_dash(row.pce.and_then(|pce| pce.kubelink.as_deref()));
    [cluster, on_pce, in_files, online.to_owned(), kubelink, remarks(row)]
}

/// What is to be known of a row beside its cells.
fn remarks(row: &Row<'_>) -> String {
    let mut remarks: Vec<String> = match row.standing {
        Standing::Agrees => Vec::new(),
        Standing::Disagrees => vec!["the file and the PCE disagree".to_owned()],
        Standing::Unclear => vec!["it is not documented what the PCE's word means here".to_owned()],
        Standing::OnlyPce => vec!["no file has this cluster_id".to_owned()],
        Standing::OnlyFiles => vec!["this PCE has no such cluster".to_owned()],
    };
    let files: Vec<String> = row.files.iter().map(|file| printable(&masked_name(&file.file))).collect();
    if row.standing == Standing::Unclear && row.files.iter().any(|file| file.mode.is_none()) {
        remarks = vec!["the mode of the file is not known".to_owned()];
    }
    if row.is_shared() {
        remarks.push(format!("one cluster_id in {}", files.join(" and ")));
    } else {
        remarks.extend(files);
    }
    match row.namesakes {
        0 => {}
        1 => remarks.push("another cluster has this name".to_owned()),
        number => remarks.push(format!("{number} other clusters have this name")),
    }
    if let Some(pce) = row.pce.filter(|pce| !pce.errors.is_empty()) {
        remarks.push(format!("errors: {}", printable(&masked(&pce.errors.join(", ")))));
    }
    remarks.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pce_clusters::{FileCluster, PceCluster, compared};

    #[test]
    fn a_table_and_its_counts() {
        let list = r#"[
            { "href": "/orgs/3/container_clusters/c1", "name": "east", "cluster_mode": "clas", "online": true, "kubelink_version": "5.5.1-5" },
            { "href": "/orgs/3/container_clusters/c2", "name": "w|st", "cluster_mode": "legacy", "online": false, "errors": [{ "error_type": "kubernetes_connection_failed" }] },
            { "href": "/orgs/3/container_clusters/c3", "name": "w|st", "cluster_mode": "migrateLegacyToClas" }
        ]"#;
        let pce = PceCluster::list(list, "").expect("a list");
        let file =
            |file: &str, id: &str, mode| FileCluster { file: file.to_owned(), id: id.to_owned(), mode: Some(mode) };
        let files = [
            file("east.yaml", "c1", ClusterMode::Clas),
            file("west.yaml", "c2", ClusterMode::Clas),
            file("north.yaml", "c9", ClusterMode::Legacy),
        ];
        let rows = compared(&pce, &files);
        let expected = "  CLUSTER    PCE                  FILE    ONLINE  KUBELINK
  east       clas                 clas    yes     5.5.1-5   east.yaml
  w|st (c2)  legacy               clas    no      -         the file and the PCE disagree; west.yaml; another cluster has this name; errors: kubernetes_connection_failed
  w|st (c3)  migrateLegacyToClas  -       -       -         no file has this cluster_id; another cluster has this name
  c9         -                    legacy  -       -         this PCE has no such cluster; north.yaml

1 agree, 1 disagree, 1 known to the PCE only, 1 known to files only, 1 between two modes
";
        assert_eq!(text(&rows), expected);
        assert!(markdown(&rows).contains("\n| w\\|st (c2) | legacy | clas | no | - | the file"));
        let json = rows_json(&rows);
        assert_eq!(json[1]["pce"]["errors"][0], "kubernetes_connection_failed");
        assert_eq!(json[3]["pce"], Value::Null);
    }
}
