//! Texts that could cost more than they are long, a row each: what is there many times.

use super::lines;

/// A shape of text, of any size.
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// The name of the file, which decides how it is read.
    pub(super) file: &'static str,
    /// The text with so many of its parts.
    pub(super) text: fn(usize) -> String,
}

impl Shape {
    /// The shape in little more than so many bytes.
    pub(super) fn sized(&self, bytes: usize) -> String {
        let mut count = 4;
        let mut text = (self.text)(count);
        while text.len() < bytes {
            // a shape that grows with the square of its parts comes near from below as well
            count = (count * bytes / text.len()).clamp(count + 1, count * 2);
            text = (self.text)(count);
        }
        text
    }
}

const fn values(name: &'static str, text: fn(usize) -> String) -> Shape {
    Shape { name, file: "values.yaml", text }
}

const fn file(name: &'static str, file: &'static str, text: fn(usize) -> String) -> Shape {
    Shape { name, file, text }
}

/// Values of a cluster, and below them so many lines.
fn of_cluster(count: usize, line: impl Fn(usize) -> String) -> String {
    format!("pce_url: pce.example.com:8443\nclusterMode: legacy\n{}", lines(count, line))
}

fn below(count: usize, name: &str, line: impl Fn(usize) -> String) -> String {
    of_cluster(0, |_| String::new()) + name + ":\n" + &lines(count, line)
}

const FLUX: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n";
const ARGO: &str = "apiVersion: argoproj.io/v1alpha1\n";

/// One shape a row, by what is there many times.
pub(super) const SHAPES: &[Shape] = &[
    values("values as a person writes them", |n| {
        of_cluster(n, |i| {
            format!(
                "# -- the service of cluster {i}\ncluster{i}:\n  name: \"cluster-{i}\" # as in the PCE\n  replicas: {i}\n  \
                 labels: {{app: a, tier: b}}\n  ports:\n    - name: http\n      port: 8443\n  script: |\n    \
                 #!/bin/sh\n    echo {i}\n\n"
            )
        })
    }),
    // nesting
    values("`[` that stay open", |n| format!("a: {}\n", "[".repeat(n))),
    values("`{a: ` that stay open", |n| "{a: ".repeat(n)),
    values("levels of keys", |n| lines(n + 300, |level| format!("{}k:\n", " ".repeat(level)))),
    values("200 brackets on each line", |n| {
        of_cluster(n, |i| format!("k{i}: {}{}\n", "[".repeat(200), "]".repeat(200)))
    }),
    values("200 levels of keys, again and again", |n| {
        let levels = lines(200, |level| format!("{}k:\n", " ".repeat(level + 2)));
        of_cluster(n, |i| format!("k{i}:\n{levels}"))
    }),
    values("200 levels of items, again and again", |n| of_cluster(n, |i| format!("k{i}:\n{}x\n", "- ".repeat(200)))),
    values("lists of lists", |n| below(n, "k", |i| format!("- - - {i}\n    - {i}\n"))),
    // anchors, aliases, merges
    values("a billion laughs", |n| {
        let name = |level| if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
        lines(n, |level| format!("a{level}: &a{level} [{}]\n", vec![name(level); 9].join(", ")))
    }),
    values("aliases", |n| format!("a: &a x\n{}", of_cluster(n, |i| format!("k{i}: *a\n")))),
    values("anchors", |n| of_cluster(n, |i| format!("k{i}: &a{i} {i}\n"))),
    values("anchors on secrets", |n| of_cluster(n, |i| format!("token{i}: &a{i} word-{i}\n"))),
    values("secrets by alias", |n| of_cluster(n, |i| format!("k{i}: &a{i} word-{i}\npassword{i}: *a{i}\n"))),
    values("anchors below a secret name", |n| below(n, "token", |i| format!("  k{i}: &a{i} word-{i}\n"))),
    values("anchors below secret names, each in the next", |n| {
        of_cluster(n, |i| format!("secret{i}: &a{i} {{x: &b{i} word-{i}}}\ny{i}: *b{i}\n"))
    }),
    values("merges of one", |n| format!("a: &a {{x: 1}}\n{}", of_cluster(n, |i| format!("k{i}: {{<<: *a}}\n")))),
    values("merges, each of the last, in chains of 50", |n| {
        of_cluster(n, |i| {
            let merge = |level| format!("a{i}_{level}: &a{i}_{level} {{<<: *a{i}_{}, y{level}: 1}}\n", level - 1);
            format!("a{i}_0: &a{i}_0 {{x: 1}}\n{}", (1..50).map(merge).collect::<String>())
        })
    }),
    // a chain of more levels than are read
    values("merges, each of the last, refused", |n| {
        let merge = |i| format!("a{}: &a{} {{<<: *a{i}, y{i}: 1}}\n", i + 1, i + 1);
        format!("a0: &a0 {{x: 1}}\n{}", of_cluster(n + 600, merge))
    }),
    values("tags", |n| of_cluster(n, |i| format!("k{i}: !!str {i}\n"))),
    // names
    values("names", |n| of_cluster(n, |i| format!("key{i}: {i}\n"))),
    values("names in braces", |n| {
        format!("{{\"clusterMode\": \"legacy\",{}\"z\": 1}}", lines(n, |i| format!("\"key{i}\": {i},")))
    }),
    values("names, each given twice", |n| of_cluster(n, |i| format!("key{i}: {i}\n").repeat(2))),
    values("one name", |n| of_cluster(n, |_| "a: 1\n".to_owned())),
    values("the mode", |n| of_cluster(n, |_| "clusterMode: legacy\n".to_owned())),
    values("names near the mode's", |n| of_cluster(n, |i| format!("clusterMod{i}: legacy\n"))),
    values("names near a documented secret", |n| of_cluster(n, |i| format!("clustertoke{i}: word-{i}\n"))),
    values("long names", |n| of_cluster(n, |i| format!("{}{i}: 1\n", "long".repeat(100)))),
    values("names behind `?`", |n| of_cluster(n, |i| format!("? key{i}\n: {i}\n"))),
    values("dotted names", |n| of_cluster(n, |i| format!("kubelink.pceApiTimeout{i}: 1\n"))),
    values("names of numbers", |n| of_cluster(n, |i| format!("{i}: {i}\n"))),
    // scalars
    values("one line", |n| of_cluster(1, |_| format!("a: {}\n", "x".repeat(n)))),
    values("one line of words", |n| of_cluster(1, |_| format!("a: {}\n", "word ".repeat(n)))),
    values("one line in quotes", |n| of_cluster(1, |_| format!("a: \"{}\"\n", "\\u00e4".repeat(n)))),
    values("one line of base64", |n| of_cluster(1, |_| format!("a: {}\n", "QUJD".repeat(n)))),
    values("a long word as the mode", |n| format!("pce_url: a.b:8443\nclusterMode: {}\n", "legacy".repeat(n))),
    values("one long block", |n| below(n, "a: |", |i| format!("  line {i}\n"))),
    values("one long block of names", |n| below(n, "a: |", |i| format!("  name{i}: {i}\n"))),
    values("one long block of secrets", |n| below(n, "a: |", |i| format!("  password: word-{i}\n"))),
    values("one long folded text", |n| below(n, "a: >-", |i| format!("  line {i}\n\n"))),
    values("blocks", |n| of_cluster(n, |i| format!("k{i}: |\n  line\n  line\n"))),
    values("texts in quotes over lines", |n| of_cluster(n, |i| format!("k{i}: \"a\n\n  b\\\n  c\"\n"))),
    values("JSON in texts", |n| {
        of_cluster(n, |i| format!("k{i}: '{{\"password\": \"word-{i}\", \"a\": [1, {{}}]}}'\n"))
    }),
    values("JSON in JSON in a text", |n| {
        of_cluster(1, |_| format!("k: '[{}{{}}]'\n", "{\"a\": \"{\\\"token\\\": 1}\"},".repeat(n)))
    }),
    values("certificates", |n| {
        of_cluster(n, |i| format!("k{i}: |\n  -----BEGIN CERTIFICATE-----\n  QUJD\n  -----END CERTIFICATE-----\n"))
    }),
    values("letters beyond ASCII", |n| of_cluster(n, |i| format!("ключ{i}: \u{1f980}é\u{301}\n"))),
    // comments, spaces, line ends
    values("comments", |n| of_cluster(n, |_| "# a remark\n".to_owned())),
    values("comments that are long", |n| of_cluster(1, |_| format!("# {}\n", "remark ".repeat(n)))),
    values("modes commented out", |n| of_cluster(n, |_| "#clusterMode: clas\n".to_owned())),
    values("comments that allow", |n| of_cluster(n, |i| format!("# helm-clas: allow unknown-key\nkey{i}: 1\n"))),
    values("comments that allow nothing", |n| of_cluster(n, |_| "# helm-clas: allow mode-spelling\n".to_owned())),
    values("blank lines", |n| of_cluster(n, |_| "\n".to_owned())),
    values("lines of blanks", |n| of_cluster(n, |_| " \t  \n".to_owned())),
    values("blanks behind a value", |n| of_cluster(1, |_| format!("a: 1{}\n", " ".repeat(n)))),
    values("CRLF and LF", |n| of_cluster(n, |i| format!("k{i}: |\r\n  a\n  b\r\n"))),
    // what is found
    values("wrong values", |n| below(n, "storage", |i| format!("  key{i}: [useTLS]\n"))),
    values("wrong ports", |n| below(n, "extraPorts", |i| format!("- {{port: {}, name: p{i}}}\n", 65_536 + i))),
    values("secrets", |n| of_cluster(n, |i| format!("password{i}: word-{i}\n"))),
    values("names and values in pairs", |n| below(n, "env", |i| format!("- name: TOKEN_{i}\n  value: word-{i}\n"))),
    values("options and their words", |n| below(n, "args", |i| format!("- --token\n- word-{i}\n"))),
    values("tokens by their form", |n| of_cluster(n, |i| format!("k{i}: ghp_{i:036}\n"))),
    values("placeholders", |n| of_cluster(n, |i| format!("k{i}: <CHANGE_ME_{i}>\n"))),
    values("references", |n| of_cluster(n, |i| format!("token{i}: ref+vault://kv/{i}#token\n"))),
    values("variables", |n| of_cluster(n, |i| format!("k{i}: ${{VARIABLE_{i}}}\n"))),
    values("actions of a template, in quotes", |n| of_cluster(n, |i| format!("k{i}: '{{{{ .Values.k{i} }}}}'\n"))),
    values("actions of a template", |n| of_cluster(n, |i| format!("{{{{ if .k{i} }}}}\nk{i}: 1\n{{{{ end }}}}\n"))),
    values("conflicts", |n| of_cluster(n, |i| format!("<<<<<<< a\nk{i}: 1\n=======\nk{i}: 2\n>>>>>>> b\n"))),
    values("modes further down", |n| of_cluster(n, |i| format!("k{i}: {{clusterMode: clas}}\n"))),
    values("modes in texts", |n| of_cluster(n, |i| format!("k{i}: |\n  clusterMode: clas\n"))),
    values("modes in a list", |n| below(n, "k", |_| "- clusterMode: clas\n".to_owned())),
    values("secrets, and a quote that stays open", |n| {
        of_cluster(n, |i| format!("password{i}: word-{i}\n")) + "a: \"b\n"
    }),
    values("a secret in a text that is broken", |n| below(n, "token: |", |i| format!("  word-{i}\n")) + "a: [b\n"),
    // manifests
    file("releases of a helmfile", "helmfile.yaml", |n| {
        format!(
            "releases:\n{}",
            lines(n, |i| {
                format!(
                    "- name: r{i}\n  chart: illumio/illumio\n  version: 5.1.0\n  values:\n  - pce_url: p{i}:8443\n    clusterMode: legacy\n"
                )
            })
        )
    }),
    file("values of one release of a helmfile", "helmfile.yaml", |n| {
        format!(
            "releases:\n- name: r\n  chart: illumio/illumio\n  version: 5.1.0\n  values:\n{}",
            lines(n, |i| { format!("  - x{i}: 1\n    clusterMode: legacy\n") })
        )
    }),
    file("releases of other charts", "helmfile.yaml", |n| {
        format!(
            "releases:\n{}",
            lines(n, |i| format!("- name: r{i}\n  chart: stable/redis\n  values: [{{clusterMode: standalone}}]\n"))
        )
    }),
    file("releases of Flux", "flux.yaml", |n| {
        lines(n, |i| {
            format!(
                "---\n{FLUX}metadata: {{name: r{i}}}\nspec:\n  chart: {{spec: {{chart: illumio, version: 5.1.0}}}}\n  values: {{pce_url: 'p{i}:8443', clusterMode: legacy}}\n"
            )
        })
    }),
    file("objects that one release takes values from", "flux.yaml", |n| {
        format!(
            "{FLUX}metadata: {{name: r}}\nspec:\n  chart: {{spec: {{chart: illumio, version: 5.1.0}}}}\n  valuesFrom:\n{}{}",
            lines(n, |i| format!("  - {{kind: ConfigMap, name: v{i}}}\n")),
            lines(n, |i| format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v{i}}}\ndata: {{values.yaml: 'clusterMode: legacy'}}\n"
            ))
        )
    }),
    file("ConfigMaps of values", "map.yaml", |n| {
        lines(n, |i| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v{i}}}\ndata:\n  values.yaml: |\n    pce_url: p:8443\n    clusterMode: legacy\n"
            )
        })
    }),
    file("Secrets", "secret.yaml", |n| {
        lines(n, |i| {
            format!(
                "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: v{i}}}\ndata: {{values.yaml: Y2x1c3Rlck1vZGU6IGxlZ2FjeQo=}}\n"
            )
        })
    }),
    file("Applications", "app.yaml", |n| {
        lines(n, |i| {
            format!(
                "---\n{ARGO}kind: Application\nmetadata: {{name: a{i}}}\nspec:\n  source:\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      values: |\n        pce_url: p:8443\n        clusterMode: legacy\n"
            )
        })
    }),
    file("Applications in a List", "app.yaml", |n| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n{}",
            lines(n, |i| {
                format!(
                    "- {ARGO}  kind: Application\n  metadata: {{name: a{i}}}\n  spec: {{source: {{chart: illumio, targetRevision: 5.1.0, helm: {{valuesObject: {{clusterMode: legacy}}}}}}}}\n"
                )
            })
        )
    }),
    file("a long text of an Application", "app.yaml", |n| {
        format!(
            "{ARGO}kind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      values: |\n        clusterMode: legacy\n{}",
            lines(n, |i| format!("        key{i}: {i}\n"))
        )
    }),
    file("parameters of an Application", "app.yaml", |n| {
        format!(
            "{ARGO}kind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      parameters:\n      - {{name: clusterMode, value: legacy}}\n{}",
            lines(n, |i| format!("      - {{name: env[{i}].name, value: x}}\n"))
        )
    }),
    file("elements of an ApplicationSet", "set.yaml", |n| {
        format!(
            "{ARGO}kind: ApplicationSet\nmetadata: {{name: s}}\nspec:\n  generators:\n  - list:\n      elements:\n{}  template:\n    metadata: {{name: 'i-{{{{cluster}}}}'}}\n    spec:\n      source:\n        chart: illumio\n        targetRevision: 5.1.0\n        helm: {{valuesObject: {{clusterMode: '{{{{mode}}}}'}}}}\n",
            lines(n, |i| format!("      - {{cluster: c{i}, mode: legacy}}\n"))
        )
    }),
    file("charts of a kustomization", "kustomization.yaml", |n| {
        format!(
            "helmCharts:\n{}",
            lines(n, |i| {
                format!(
                    "- name: illumio\n  version: 5.1.0\n  releaseName: r{i}\n  valuesInline: {{pce_url: 'p:8443', clusterMode: legacy}}\n"
                )
            })
        )
    }),
    file("patches of a kustomization", "kustomization.yaml", |n| {
        format!(
            "resources: [base]\npatches:\n{}",
            lines(n, |i| {
                format!(
                    "- target: {{kind: HelmRelease, name: r{i}}}\n  patch: |\n    - {{op: replace, path: /spec/values/clusterMode, value: legacy}}\n"
                )
            })
        )
    }),
    file("generators of a kustomization", "kustomization.yaml", |n| {
        format!("configMapGenerator:\n{}", lines(n, |i| format!("- name: v{i}\n  files: [values.yaml=v{i}.yaml]\n")))
    }),
    file("documents without anything", "all.yaml", |n| lines(n, |_| "---\n".to_owned())),
    file("objects of other kinds", "all.yaml", |n| {
        lines(n, |i| {
            format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{i}}}\nspec: {{clusterMode: none}}\n")
        })
    }),
    file("dependencies of a chart", "Chart.yaml", |n| {
        format!(
            "apiVersion: v2\nname: u\nversion: 1.0.0\ndependencies:\n{}",
            lines(n, |i| {
                format!("- {{name: illumio, alias: i{i}, version: 5.1.0, repository: 'oci://quay.io/illumio'}}\n")
            })
        )
    }),
    file("targets of a fleet.yaml", "fleet.yaml", |n| {
        format!(
            "helm: {{chart: illumio, version: 5.1.0, values: {{clusterMode: legacy}}}}\ntargetCustomizations:\n{}",
            lines(n, |i| { format!("- {{name: t{i}, clusterName: c{i}, helm: {{values: {{clusterMode: clas}}}}}}\n") })
        )
    }),
    file("tasks of Ansible", "tasks.yml", |n| {
        lines(n, |i| {
            format!(
                "- name: t{i}\n  kubernetes.core.helm: {{name: r{i}, chart_ref: illumio/illumio, chart_version: 5.1.0, values: {{clusterMode: legacy}}}}\n"
            )
        })
    }),
    file("releases of Terraform", "main.tf", |n| {
        lines(n, |i| {
            format!(
                "resource \"helm_release\" \"r{i}\" {{\n  name = \"r{i}\"\n  chart = \"illumio\"\n  version = \"5.1.0\"\n  values = [yamlencode({{ clusterMode = \"legacy\" }})]\n}}\n"
            )
        })
    }),
    file("settings of one release of Terraform", "main.tf", |n| {
        format!(
            "resource \"helm_release\" \"r\" {{\n  name = \"r\"\n  chart = \"illumio\"\n  version = \"5.1.0\"\n{}}}\n",
            lines(n, |i| { format!("  set {{\n    name = \"k{i}\"\n    value = \"v\"\n  }}\n") })
        )
    }),
    file("brackets of Terraform", "main.tf", |n| {
        format!("locals {{\n  clusterMode = {}1{}\n}}\n", "[".repeat(n), "]".repeat(n))
    }),
    file("heredocs of a script", "install.sh", |n| {
        lines(n, |i| {
            format!(
                "cat > v{i}.yaml <<EOF\npce_url: p:8443\nclusterMode: legacy\nEOF\nhelm upgrade r{i} illumio/illumio --version 5.1.0 -f v{i}.yaml\n"
            )
        })
    }),
    file("a heredoc that stays open", "install.sh", |n| {
        format!("cat > v.yaml <<EOF\nclusterMode: legacy\n{}", lines(n, |i| format!("k{i}: <<EOF{i}\n")))
    }),
    file("commands that set the mode", "install.sh", |n| {
        lines(n, |i| format!("helm upgrade r{i} illumio/illumio --version 5.1.0 --set clusterMode=legacy\n"))
    }),
    file("lines that go on", "install.sh", |n| {
        format!("helm upgrade r illumio/illumio --set clusterMode=legacy {}\n", "--set a=b \\\n".repeat(n))
    }),
    file("blocks of a README", "README.md", |n| {
        lines(n, |i| format!("# Part {i}\n\n```yaml\npce_url: p:8443\nclusterMode: legacy\n```\n"))
    }),
    file("jobs of a workflow", "ci.yml", |n| {
        format!(
            "on: push\njobs:\n{}",
            lines(n, |i| {
                format!("  j{i}:\n    steps:\n    - run: helm upgrade r illumio/illumio --set clusterMode=legacy\n")
            })
        )
    }),
];
