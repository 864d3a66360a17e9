//! The table of references.

use super::{
    Reference,
    forms::{
        has_scheme, is_around, is_base64, is_bracketed, is_of_foreign_scheme, is_opened, is_shaded, is_token,
        is_url_of, is_variable,
    },
    sealed::sealed,
};

/// The first row that knows a text names its tool.
pub(super) const REFERENCES: &[Reference] = &[
    Reference {
        title: "Argo CD Vault Plugin",
        is_one: |text, file| text.contains("<path:") || is_bracketed(text) && file.contains("<path:"),
        source: "argocd-vault-plugin documentation, How it Works: inline-path and generic placeholders",
    },
    Reference {
        title: "a plugin of Argo CD",
        is_one: |text, _| ["<secret:", "<vault:", "<sops:"].iter().any(|start| is_opened(text, start, ">")),
        source: "README of argocd-secret-replacer and of argocd-vault-replacer, placeholders",
    },
    Reference {
        title: "vals",
        is_one: |text, _| text.contains("ref+") && text.contains("://") || text.starts_with("secretref+"),
        source: "vals README, Expression Syntax",
    },
    Reference {
        title: "helm-secrets",
        is_one: |text, _| is_url_of(text, "secrets"),
        source: "helm-secrets documentation, Usage, downloader protocol",
    },
    Reference {
        title: "bank-vaults",
        is_one: |text, _| {
            ["vault:", ">>vault:", "bao:", ">>bao:", "gcp:secretmanager:", "azure:keyvault:", "bw:"]
                .iter()
                .any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && !rest.starts_with("//")))
        },
        source: "bank-vaults documentation, secret injection webhook, Provide secrets; bank-vaults/secret-init, \
                 pkg/provider: the `referenceSelector` of each",
    },
    Reference {
        title: "1Password",
        is_one: |text, _| text.contains("op://"),
        source: "1Password CLI documentation, Secret reference syntax",
    },
    Reference {
        title: "a tool that reads AWS",
        is_one: |text, _| {
            has_scheme(text, &["awssm", "awsssm", "awssecrets", "ssm", "aws-sm", "aws-ssm"])
                || ["ssm:/", "arn:aws:ssm:", "arn:aws:secretsmanager:"].iter().any(|start| text.starts_with(start))
                || is_opened(text, "{{resolve:", "}}")
        },
        source: "README of helmfile, vals and external-secrets: Secrets Manager and Parameter Store; AWS, ARN format; \
                 CloudFormation User Guide, Dynamic references",
    },
    Reference {
        title: "a tool that reads Google Secret Manager",
        is_one: |text, _| has_scheme(text, &["sm", "berglas", "gcpsm", "gcpsecrets", "gcpsecretmanager", "gsm"]),
        source: "Berglas README, Reference syntax: `sm://` and `berglas://`; vals README, Google Secret Manager",
    },
    Reference {
        title: "a tool that reads Azure Key Vault",
        is_one: |text, _| {
            has_scheme(text, &["azkv", "azurekeyvault", "akv", "keyvault", "azure-kv"])
                || ["@Microsoft.KeyVault(", "@Microsoft.AppConfiguration("]
                    .iter()
                    .any(|open| is_opened(text, open, ")"))
                || text
                    .split_once("@azurekeyvault")
                    .is_some_and(|(name, after)| !name.is_empty() && (after.is_empty() || after.starts_with('?')))
        },
        source: "vals README, Azure Key Vault; Azure documentation, Use Key Vault references in App Service; akv2k8s \
                 documentation, Environment Injection: `<secret>@azurekeyvault?<query>`",
    },
    Reference {
        title: "a tool that reads HashiCorp Vault",
        is_one: |text, _| {
            has_scheme(text, &["vault", "hcp-vault", "hcpvault", "openbao", "bao"])
                || is_opened(text, "{{ with secret ", "}}")
                || is_opened(text, "{{ secret ", "}}")
        },
        source: "vals README, Vault; HashiCorp documentation, Vault Secrets; consul-template, Templating Language: secret",
    },
    Reference {
        title: "Kong",
        is_one: |text, _| text.starts_with("{vault://") && text.ends_with('}'),
        source: "Kong Gateway documentation, Secrets Management, Reference format",
    },
    Reference {
        title: "Akeyless",
        is_one: |text, _| text.starts_with("akeyless:") || has_scheme(text, &["akeyless"]),
        source: "Akeyless documentation, Provision Secrets to your K8s: `akeyless:/path/to/secret`",
    },
    Reference {
        title: "Kapitan",
        is_one: |text, _| is_opened(text, "?{", "}"),
        source: "Kapitan documentation, References: `?{gpg:path}`, `?{vaultkv:path:key}`",
    },
    Reference {
        title: "Grafana",
        is_one: |text, _| ["$__file{", "$__env{", "$__vault{"].iter().any(|open| is_opened(text, open, "}")),
        source: "Grafana documentation, Configure Grafana, Variable expansion",
    },
    Reference {
        title: "Zarf",
        is_one: |text, _| is_opened(text, "###ZARF_", "###"),
        source: "Zarf documentation, Package variables, templating: `###ZARF_VAR_NAME###`",
    },
    Reference {
        title: "a tool that decrypts it",
        is_one: |text, _| {
            sealed(text.as_bytes()).is_some()
                || ["ENC(", "![", "DEC("].iter().any(|open| text.starts_with(open) && text.ends_with([')', ']']))
                || text.starts_with("{cipher}")
                || text.starts_with("ENC[") && text.ends_with(']')
        },
        source: "Salt documentation, GPG renderer; Jasypt Spring Boot README, `ENC(...)`; MuleSoft documentation, Secure \
                 Configuration Properties, `![...]`; Spring Cloud Config documentation, Encryption and Decryption, \
                 `{cipher}`; hiera-eyaml README, `ENC[PKCS7,...]`; \
                 SOPS README, `ENC[AES256_GCM,...]`",
    },
    Reference {
        title: "a tool that reads Kubernetes Secrets",
        is_one: |text, _| has_scheme(text, &["k8s", "kubernetes", "secret", "configmap"]),
        source: "vals README, Kubernetes",
    },
    Reference { title: "Doppler", is_one: |text, _| has_scheme(text, &["doppler"]), source: "vals README, Doppler" },
    Reference {
        title: "Bitwarden",
        is_one: |text, _| has_scheme(text, &["bws", "bw", "bitwarden"]),
        source: "vals README, Bitwarden; Bitwarden documentation, Secrets Manager CLI",
    },
    Reference {
        title: "a tool of that scheme",
        is_one: |text, _| is_of_foreign_scheme(text),
        source: "RFC 3986, 3.1: what begins with a scheme is read by who knows it, and no value of the chart is of another \
                 than http and https (the chart's values.yaml)",
    },
    Reference {
        title: "Sealed Secrets",
        is_one: |text, _| text.len() > 200 && text.starts_with("Ag") && text.bytes().all(is_base64),
        source: "sealed-secrets README: what kubeseal --raw prints",
    },
    Reference {
        title: "External Secrets",
        is_one: |text, _| text.contains("remoteRef:") || text.contains("secretStoreRef:"),
        source: "External Secrets documentation, ExternalSecret",
    },
    Reference {
        title: "GitHub Actions or Azure Pipelines",
        is_one: |text, _| is_opened(text, "${{", "}}"),
        source: "GitHub documentation, Expressions; Azure Pipelines documentation, Template expressions",
    },
    Reference {
        title: "Terraform",
        is_one: |text, _| {
            ["${var.", "${local.", "${module.", "${data.", "${each."].iter().any(|start| is_opened(text, start, "}"))
        },
        source: "Terraform documentation, References to Named Values",
    },
    Reference {
        title: "a release pipeline",
        is_one: |text, _| {
            let pairs =
                [("#{", "}#"), ("#{", "}"), ("__", "__"), ("@@", "@@"), ("%%", "%%"), ("!!", "!!"), ("~{", "}~")];
            pairs.iter().any(|(open, close)| is_around(text, open, close)) || is_token(text, '@') || is_token(text, '%')
        },
        source: "Azure DevOps, Replace Tokens task, tokenPattern; Octopus documentation, variable substitution; Maven \
                 documentation, resource filtering (`@name@`); GNU Autoconf manual, Setting Output Variables",
    },
    Reference {
        title: "ytt",
        is_one: |text, _| is_opened(text, "(@", "@)"),
        source: "Carvel documentation, ytt, Text templates",
    },
    Reference {
        title: "Spruce",
        is_one: |text, _| is_opened(text, "(( ", "))"),
        source: "Spruce documentation, Operators",
    },
    Reference {
        title: "Concourse or Cloud Foundry",
        is_one: |text, _| is_opened(text, "((", "))"),
        source: "Concourse documentation, Vars; Cloud Foundry documentation, variables in manifests",
    },
    Reference {
        title: "ERB (Puppet, Chef)",
        is_one: |text, _| is_opened(text, "<%", "%>"),
        source: "Ruby documentation, ERB, Recognized Tags",
    },
    Reference {
        title: "Jinja (Ansible, Salt)",
        is_one: |text, _| is_opened(text, "{%", "%}"),
        source: "Jinja documentation, Template Designer",
    },
    Reference {
        title: "Terraform's `templatefile`",
        is_one: |text, _| is_opened(text, "%{", "}"),
        source: "Terraform documentation, Strings and Templates, Directives; Puppet documentation, Hiera interpolation",
    },
    Reference {
        title: "Flux Operator or CircleCI",
        is_one: |text, _| is_opened(text, "<<", ">>"),
        source: "Flux Operator documentation, ResourceSet, inputs; CircleCI documentation, pipeline values",
    },
    Reference {
        title: "Levant, or another tool with `[[ ]]`",
        is_one: |text, _| is_opened(text, "[[", "]]"),
        source: "HashiCorp Levant documentation, templates: the delimiters are `[[` and `]]`",
    },
    Reference {
        title: "the tool that renders this template",
        // an expression without quotes is read so
        is_one: |text, _| is_shaded(text),
        source: "helmfile documentation, Templating; Cluster API add-on provider for Helm, valuesTemplate",
    },
    Reference {
        title: "Flux, Terraform or envsubst",
        is_one: |text, _| text.split("${").skip(1).any(|rest| rest.contains('}')),
        source: "Flux documentation, Kustomization, postBuild variable substitution; Terraform documentation, templatefile",
    },
    Reference {
        title: "Azure Pipelines or a shell",
        is_one: |text, _| is_opened(text, "$(", ")"),
        source: "Azure Pipelines documentation, Define variables, macro syntax; POSIX, Shell Command Language, 2.6.3",
    },
    Reference {
        title: "envsubst or a shell",
        is_one: |text, _| is_variable(text),
        source: "GNU gettext manual, envsubst; POSIX, Shell Command Language, 2.6.2",
    },
];
