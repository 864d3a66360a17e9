//! What is prose: the words of sentences about secrets, which are not secrets themselves, and the references that are
//! written in place of one.

use std::{collections::HashSet, ops::Range, sync::OnceLock};

use super::names::{Secrecy, secrecy};

/// Words that comments and placeholders are made of. Sources: the most frequent words in the comments of 300 public
/// values files; the words of the chart's README and of the vendor's pages; the functions of Helm's, helmfile's and
/// Ansible's templates. A word that is missing here may be a secret.
const WORDS: &str = "\
    a about above accepted accepts access according account across action actions activate activation add added \
    additional address adjust admin administrator affinity after again age agent airflow alert alertmanager all \
    allow allowed allows also always am amount an and annotation annotations another ansible anti any anybody \
    anything apache api apikey apikeys apiversion app applicable application applied apply april arbiter are argo \
    argocd args array as ask asked asks assignment at attention august auth authenticate authenticates \
    authentication authorization authorize authorizes auto automatically autoscaling available awk aws azure b64dec \
    b64enc backend backup balancer base base64 based bash basic be bearer because been before belong belongs below \
    between beware bind binding block bool boolean bootstrap both bound braces branch brings broker brought budget \
    but by bytes ca came can cannot cant capabilities careful case cat caution central ceph cert certificate \
    certificates certs chances change changelog changeme chapter characters charts check checked checksum choice \
    clas class clear clickhouse client cloud cloudnative cluster clusterip clusters cm cni coalesce code codes \
    collector column com come comes command commit common component components conditions config configmap configs \
    configuration configure configured configures confluence connect connection connections conscious console \
    constant contact container containers containing contains content context control controller copied copies copy \
    copyright core could couldn cpu crds create created creation credential credentials critical crl crt curl curly \
    current custom customer cven daemonset dashboard data database days db debug december declare decode decoded \
    decrypt decrypted default defaults define defined defines delay delete demo denied deny deploy deployed \
    deployment deployments deploys deprecated der describe described details dev devops dict did didn different \
    digest digits directory disable disabled disables disruption distributed distribution dns do docker docs \
    documentation does doesn domain don done down drop dummy duplicate duplicated during dynamic each east ecdsa \
    echo edit either elasticsearch elsewhere email emergency empty enable enabled enables encode encoded encrypt \
    encrypted end endpoint endpoints engineer engineering ensure ensures enter env environ environment environments \
    eq error etc eu evaluated event events every everyone everything example examples except exec existing exit \
    expected expire expired expires export exporter expose external externalsecret externalsecrets extra failed \
    failing fails failure fake falco false faq feature february fetch few field fields file files filesystem find \
    first fixme flag flower fluent fluentd flux following for form format former found four from frontend fsgroup \
    full fullname function further gateway gcp generate generated generic get git given global globals go goes gone \
    grafana grant granted grants grep group happened happening happens hard has hash hashed hashi hasprefix \
    hassuffix have held helm helmfile here hex hexadecimal hidden high hold holds host hostname hostnames hosts \
    hostvars how html http https i id if ignored illumio image images important in include increases indent index \
    info information informational infra infrastructure ingestion ingress init initial inject injected injection \
    injects inline insert inside install installation installed installer installs instance instead int integer \
    internal interval into invalid inventory io ip is it item its itself jaeger january jenkins jira job join joined \
    joins jq json jsonpath july june jwt k8s kafka kebabcase keep keeps kept key keys kind kms know known knows kube \
    kubectl kubelink kubernetes kv lab label labels large last later ldap least leave left legacy length less \
    letters level license like limit limitations limits line lines list little live lived liveness livenessprobe \
    lives load loadbalancer local locals log logging login logout logs long longer lookup lower made main \
    maintenance make mandatory manually map mapping maps march masked master match matched matches matching \
    matchlabels maximum may me means meant medium memory merge meta metadata metallb metric metrics might migrate \
    migrated migrates migration mine minikube minimum missing mode modes mongo mongodb monitoring months more most \
    mount mounted mountpath mounts move moved must my mysql name nameoverride names namespace namespaces nats ne \
    necessary need needed needs network networkpolicy never new next nginx nil nindent no nobody node nodeport nodes \
    nodeselector non none nonprod nor north not note notes nothing notice november now ns null number oauth object \
    objectname objects obtain obtained october of off oidc old on once one only openshift operator ops option \
    optional optionally options or order org osh other otherwise our ours ourselves out output outside over \
    overridden override overrides own page pair paired pairing pairs paragraph parameter parameters parse pass \
    passed passes passing password passwords paste patch path pce pem people per perf period permissions persistence \
    persistent person pgpool placeholder plain platform playbook please plugin plugins pod pods podselector policy \
    port ports possible postgres postgresql pre prefix preprod preset previous primary print printed printf prints \
    priority private probe probes process prod production profile profiles prometheus property protocol provide \
    provided provider provides provisioner proxy pull pulsar put pvc qa query quote rabbitmq rancher random randomly \
    range rbac re read readiness reading readme received receives recommend recommended redacted redis ref refer \
    refresh refreshed refreshes reg regex region registry rejected rejects release releases reload reloads remoteref \
    remove removed replace replica replicas repmgr repository request requests require required requiredenv requires \
    reside resides resource resources return returned returns revert reverted reverts right ro role rollback rolled \
    rolling rolls root rotate rotated rotates rotating rotation route router rsa rule rules run runasnonroot \
    runasuser running runs rw said salted same saml sample samples say says scheduler schema scrape scraping script \
    sealed sealedsecret sealedsecrets second seconds secret secretkeyref secretname secretref secrets section \
    security sed see select selector send sends sent september server service services set sets setting settings sh \
    sha shall shared short should shouldn show shown shows sidecar signed since single size skip small smtp so \
    software some someone something soon sops source sourcelabels south speaker spec specific specified specifies \
    specify specifying spread squote sre ssh ssl sso stage stages staging stand stands start startup startupprobe \
    state statefulset storage storageclass store stored strategy string sts success such sudo sum support supported \
    supports svc svid sync synced syncs system tag tags taken takes target tbd tcp team tee tell tells template \
    templates ternary terraform test tested text than that the their them then there therefore these they this those \
    three threshold through ticket time timeout tls to today todo tojson token tokens told toleration tolerations \
    too took topology tostring toyaml tpl traefik traffic trim true twice two txt type types uat ui unavailable \
    unchecked uncomment undefined under unencrypted unexpected uninstall unique unknown unless unmatched unset until \
    up update upgrade upgraded upgrades upper uri url urls us use used useful user username users uses using usually \
    valid valkey vals value values var variable variables vars vault ven vendor vens verified verifies verify \
    version very via volume volumemounts volumes wait want warning was way we web webhook weeks went were west wget \
    what whatever when where whether which whichever while who whom whose why wiki will with within without witness \
    won worked worker working workload workloads works would wouldn write writes written wrong wrote www yaml years \
    yes you your yours yourself yq zone zookeeper zsh \
    ";

/// Whether a word is one of sentences, alone or put together: `password`, `the`, `yourClusterToken`.
pub(super) fn is_common(word: &str) -> bool {
    static COMMON: OnceLock<HashSet<&'static str>> = OnceLock::new();
    const LONGEST: usize = 64;
    let common = COMMON.get_or_init(|| WORDS.split_ascii_whitespace().collect());
    let is_one = |word: &str| {
        let lower = word.to_ascii_lowercase();
        word.len() < 3 || common.contains(lower.as_str())
    };
    word.len() <= LONGEST && (is_one(word) || parts(word).all(is_one))
}

/// The parts of a word at its capitals.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let bytes = word.as_bytes();
    let begins = |at: usize| bytes[at].is_ascii_uppercase() && at > 0 && !bytes[at - 1].is_ascii_uppercase();
    let mut start = 0;
    (1..=bytes.len()).filter_map(move |at| {
        if at < bytes.len() && !begins(at) {
            return None;
        }
        let part = word.get(start..at).unwrap_or(word);
        start = at;
        Some(part)
    })
}

/// Whether each word of a text is one of sentences, or says what a secret is: then nothing in it is one.
pub(super) fn is_prose(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_constant = word.bytes().all(|b| b.is_ascii_uppercase());
        let is_number = word.len() < 4 && word.bytes().all(|b| b.is_ascii_digit());
        is_constant || is_number || is_common(word) || word.len() < 32 && secrecy(word) > Secrecy::Open
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(is_word)
}

/// How the address of a value begins in Terraform.
const ADDRESSES: &[&str] = &["var.", "local.", "data.", "module.", "random_password.", "each.", "ephemeral."];

/// Whether a value is filled in later: `{{ .Values.token }}`, `${TOKEN}`, `$(TOKEN)`, `<your token>`. What is named
/// there says what it is; another word may be the secret itself.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or_default();
    let value = unquoted(value.trim().trim_end_matches([',', ';', '.']));
    let between = |open: &str, close: &str| value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_constant = value.strip_prefix('$').is_some_and(|name| {
        let name = name.trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
        !name.is_empty() && name.chars().all(is_variable) && name.starts_with(|c: char| !c.is_ascii_digit())
    });
    let is_placeholder = || {
        let inner = between("<", ">").filter(|inner| !inner.contains(['{', '}', '<', '>']));
        inner.is_some_and(|inner| inner.starts_with("path:") || is_prose(inner))
    };
    let is_template = || between("{{", "}}").is_some_and(is_expression);
    // Terraform, in a text: `${var.token}`
    let is_address = || {
        let inner = between("${", "}");
        inner.is_some_and(|inner| ADDRESSES.iter().any(|start| inner.starts_with(start)) && !inner.contains(['"', ' ']))
    };
    // Grafana, "Variable expansion": `$__file{/run/secrets/x}`
    let is_expansion = || value.starts_with("$__") && value.ends_with('}') && !value.contains(' ');
    is_constant || is_placeholder() || is_template() || is_address() || is_expansion()
}

/// Whether an expression of a template holds no literal that may be a secret: what it is taken from has a path
/// (`.Values.a.b`) or words that are known, and a text between quotes is the argument of a function that looks
/// something up.
fn is_expression(inner: &str) -> bool {
    const LOOK_UP: &[&str] =
        &["include", "index", "template", "env", "requiredEnv", "lookup", "get", "printf", "hasSuffix"];
    const PATHS: &[&str] = &[".Values.", "$.Values.", ".Release.", ".Chart.", ".StateValues.", ".Environment."];
    let mut function = "";
    for (number, part) in inner.split(['"', '`', '\'']).enumerate() {
        if number % 2 == 1 {
            let is_argument = LOOK_UP.contains(&function) && !part.split(' ').any(looks_made);
            if !is_argument && !is_prose(part) {
                return false;
            }
            continue;
        }
        for word in part.split([' ', '(', ')', '|', ',']).filter(|word| !word.is_empty()) {
            let is_path = PATHS.iter().any(|path| word.starts_with(path));
            if !is_path && !is_prose(word) {
                return false;
            }
            function = if word.starts_with(['.', '$']) { function } else { word };
        }
    }
    true
}

/// Whether a value is a name, with no digit in it, whose words say what it is of: `redis-password`, `tls.key`.
pub(super) fn is_identifier(value: &str) -> bool {
    const LONGEST: usize = 40;
    let value = unquoted(value.split(" #").next().unwrap_or_default().trim().trim_end_matches(','));
    value.len() <= LONGEST
        && value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.'))
        && is_prose(value)
}

/// Whether a value is not one, or one that says nothing: true or false, an empty text, an empty collection. A name with
/// lines below it is not empty.
pub(super) fn is_empty(value: &str) -> bool {
    const EMPTY: &[&str] =
        &["true", "false", "null", "~", "yes", "no", "on", "off", "\"\"", "''", "{}", "[]", "none", "nil"];
    let value = value.split(" #").next().unwrap_or_default().trim().trim_end_matches([',', ';']).trim();
    let is_one = |value: &str| EMPTY.iter().any(|empty| value.eq_ignore_ascii_case(empty));
    is_one(value) || is_one(value.trim_end_matches(['}', ']', ')']).trim())
}

/// Whether a value is a number that counts something: `maxTokens: 4096`.
pub(super) fn is_count(value: &str) -> bool {
    const LONGEST: usize = 5;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_end_matches([',', '}', ']']).trim();
    (1..=LONGEST).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

/// Spaces of any script. YAML does not count a no-break space before a colon as one, but a secret must not slip through
/// because of it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

pub(super) fn unquoted(text: &str) -> &str {
    text.trim_matches(|c| is_blank(c) || matches!(c, '"' | '\'' | '`' | '\\'))
}

/// Whether a word is not one of a sentence: long enough, with digits or signs in it.
pub(super) fn looks_made(word: &str) -> bool {
    const SHORTEST: usize = 6;
    let word = word.trim_end_matches(['.', ',', ';', ')', '"', '\'']);
    let is_version = word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_name = word.contains(['/', '(', '<', '{']) || word.starts_with(['$', '.', '-', '`']) || is_version;
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let has_letter = word.bytes().any(|b| b.is_ascii_alphabetic());
    word.len() >= SHORTEST && has_digit && has_letter && !is_name
}

/// Whether a comment beside a secret may hold one: a word that is not one of a sentence, or one word alone.
pub(super) fn is_telling(comment: &str) -> bool {
    let comment = comment.trim();
    let is_short = comment.split_whitespace().count() <= 3;
    comment.split_whitespace().any(looks_made)
        || is_short && comment.len() > 3 && !comment.ends_with(':') && !is_prose(comment)
}

/// A word that is all that a file holds, as where a file keeps one secret: it is not the value of any name.
pub(super) fn lone_word(text: &str) -> Option<Range<usize>> {
    const LONGEST: usize = 4096;
    let word = text.trim();
    let is_one = (6..LONGEST).contains(&word.len())
        && !word.contains(|c: char| c.is_whitespace() || ":=[]{}/<>$#*&!|,\"'".contains(c))
        && !is_prose(word);
    let start = text.len() - text.trim_start().len();
    is_one.then(|| start..start + word.len())
}
