//! `helm clas policy rewrite`: what the files hold, that a PCE would take them, and that the policy is sound after
//! them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use helm_clas::policy::{
    Book, Policy, Question, Source, export, judge,
    model::{Actor, Opened, SecRule},
    prove,
};
use serde_json::{Value, json};

use crate::{
    prove::made_up_files,
    support::{
        program::{Folder, Ran},
        schema, vendor,
    },
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy").join(name)
}

/// `shop` without its drafts, in which a rule that must change is pending.
fn shop() -> Folder {
    let home = Folder::new();
    fs::create_dir_all(home.path("active")).unwrap();
    for collection in export::COLLECTIONS.iter().filter(|collection| !collection.file.starts_with("draft/")) {
        if let Ok(text) = fs::read_to_string(folder("shop").join(collection.file)) {
            home.write(collection.file, &text);
        }
    }
    home
}

/// Rewrites an export into a new folder and returns the folder.
fn rewritten(export: &Path, more: &str) -> (Folder, Ran) {
    let home = Folder::new();
    let ran = home.run(&format!("policy rewrite {} --into out {more}", export.display())).exits(0);
    (home, ran)
}

fn requests(home: &Folder) -> Value {
    serde_json::from_str(&fs::read_to_string(home.path("out/requests.json")).unwrap()).unwrap()
}

#[test]
fn four_files_are_written_and_the_answer_names_them() {
    let (home, ran) = rewritten(&folder("shop"), "--cluster k8s-a");
    for name in ["rewrite.md", "requests.json", "rule-import.csv", "rules.tf"] {
        assert!(home.path("out").join(name).is_file() && ran.stdout.contains(name), "{ran}");
    }
    home.run(&format!("policy rewrite {} --into out", folder("shop").display())).exits(2).says("is not empty");
    home.run("policy rewrite").exits(2).says("the folder for the files is not known");
    let json = home.run(&format!("policy rewrite {} --into other -o json", folder("shop").display())).exits(0).json();
    schema::fits(&json);
    schema::fits(&requests(&home));
}

#[test]
fn where_no_rule_must_change_it_says_what_to_do_next() {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cli/policy.in");
    for (file, next) in [
        ("virtual-services-only.near.json", "There is nothing to apply. `helm clas policy` shows whether the rules"),
        ("rewrite-by-hand.json", "There is nothing to apply: change the rules that rewrite.md lists by hand."),
    ] {
        let home = Folder::new();
        let line = format!("policy rewrite --rule-sets {} --into out", cli.join(file).display());
        let ran = home.run(&line).exits(0).has("Nothing was sent. ");
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(next), "{ran}");
        let page = fs::read_to_string(home.path("out/rewrite.md")).unwrap();
        assert!(page.contains("There is nothing to apply") && page.contains("\nMade on "), "{page}");
    }
}

#[test]
fn a_rule_becomes_a_put_in_draft_and_those_beside_it_posts() {
    let (home, ran) = rewritten(&shop().path("."), "--cluster k8s-a");
    let ran = ran.has("note: Whether these rules have changes in draft is not known");
    ran.has("note: Cluster k8s-a (");
    let requests = requests(&home);
    let first = &requests["requests"][0];
    assert_eq!(
        (&first["method"], &first["path"]),
        (&json!("PUT"), &json!("/orgs/3/sec_policy/draft/rule_sets/41/sec_rules/77"))
    );
    assert_eq!(first["body"]["ingress_services"], json!([{ "proto": 6, "port": 8080 }, { "proto": 6, "port": 9090 }]));
    assert_eq!(first["body"]["resolve_labels_as"]["providers"], json!(["workloads"]));
    assert!(!requests["requests"].to_string().contains("/sec_policy/active/"), "{requests:#}");
    let csv = fs::read_to_string(home.path("out/rule-import.csv")).unwrap();
    let row = csv.lines().nth(1).unwrap();
    assert!(
        row.starts_with("RS-shop-prod,true,allow,") && row.contains(",role:cart,") && row.contains("8080 TCP;9090 TCP"),
        "{row}"
    );
    let hcl = fs::read_to_string(home.path("out/rules.tf")).unwrap();
    assert!(hcl.contains("resource \"illumio-core_security_rule\" \"set_41_rule_77\" {"), "{hcl}");
}

/// Rewrites a policy with these drafts, and returns the paths of the requests and why rules are left to a person.
fn with_drafts(drafts: &Value) -> (Vec<String>, String) {
    let shop = shop();
    let files = ["rule_sets", "virtual_services", "services"].map(|name| format!("active/{name}.json"));
    let texts: Vec<String> = files.iter().map(|file| String::from_utf8(shop.read(file)).unwrap()).collect();
    let drafts = drafts.to_string();
    let names = [export::RULE_SETS, export::VIRTUAL_SERVICES, export::SERVICES, export::DRAFT_RULE_SETS];
    let all = names.into_iter().zip(texts.iter().chain([&drafts]));
    let sources: Vec<Source<'_>> = all.map(|(file, text)| Source { file, name: file, text }).collect();
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question::default());
    let rewritten = judged.rewritten();
    let changed = rewritten.changes.iter().map(|change| change.old.rule.href.to_string()).collect();
    let of_77 = rewritten.by_hand.iter().filter(|by_hand| by_hand.rule.rule.href.ends_with("/77"));
    (changed, of_77.flat_map(|by_hand| by_hand.why.clone()).collect::<Vec<_>>().join("; "))
}

#[test]
fn a_pending_draft_is_left_to_a_person_and_never_replaced() {
    let active = String::from_utf8(shop().read("active/rule_sets.json")).unwrap();
    let drafts: Value = serde_json::from_str(&active.replace("/sec_policy/active/", "/sec_policy/draft/")).unwrap();
    let is_77 = |href: &String| href.ends_with("/77");
    let (changed, why) = with_drafts(&drafts);
    assert!(changed.iter().any(is_77) && why.is_empty(), "{changed:?} {why}");
    let at = |change: fn(&mut Value)| {
        let mut drafts = drafts.clone();
        change(&mut drafts);
        let (changed, why) = with_drafts(&drafts);
        assert!(!changed.iter().any(is_77), "{why}");
        why
    };
    assert!(at(|drafts| drafts[0]["rules"][0]["update_type"] = json!("update")).contains("pending change in draft"));
    assert!(at(|drafts| drafts[0]["rules"][0]["enabled"] = json!(false)).contains("pending change in draft"));
    assert!(
        at(|drafts| drafts[0]["rules"][0]["update_type"] = json!("delete")).contains("the rule is deleted in draft")
    );
    assert!(at(|drafts| drop(drafts[0]["rules"].as_array_mut().unwrap().remove(0))).contains("the rule is deleted"));
    assert!(at(|drafts| drafts[0]["update_type"] = json!("delete")).contains("its rule set is deleted in draft"));
    assert!(at(|drafts| drop(drafts.as_array_mut().unwrap().remove(0))).contains("its rule set is deleted in draft"));
    assert!(at(|drafts| drafts[0]["scopes"] = json!([[]])).contains(
        "its rule set is enabled, or has its scopes, \
                                                                 differently"
    ));
}

/// A policy with a rule of each kind that is rewritten, each with something that must be kept.
fn one_of_each() -> Vec<(&'static str, String)> {
    const ACTIVE: &str = "/orgs/3/sec_policy/active";
    let label = |number: u8| json!({ "label": { "href": format!("/orgs/3/labels/{number}") } });
    let service = |number: u8| json!({ "virtual_service": { "href": format!("{ACTIVE}/virtual_services/0b6f0000-0000-4000-8000-{number:012}") } });
    let rule = |number: u8, consumers: Value, providers: Value, ports: Value, uses: &str| {
        json!({ "href": format!("{ACTIVE}/rule_sets/1/sec_rules/{number}"), "enabled": true, "consumers": consumers,
                "providers": providers, "ingress_services": ports, "unscoped_consumers": number.is_multiple_of(2),
                "resolve_labels_as": { "consumers": ["workloads"], "providers": [uses] } })
    };
    let mut rules = vec![
        rule(1, json!([label(23)]), json!([label(21), label(22)]), json!([]), "virtual_services"),
        rule(2, json!([{ "actors": "ams" }]), json!([service(1), service(2)]), json!([]), "workloads"),
        rule(3, json!([service(1)]), json!([label(22)]), json!([{ "proto": 6, "port": 8443 }]), "workloads"),
        rule(4, json!([label(22)]), json!([label(23)]), json!([]), "virtual_services"),
        rule(
            5,
            json!([{ "actors": "container_host" }]),
            json!([label(27)]),
            json!([{ "href": format!("{ACTIVE}/services/1") }]),
            "virtual_services",
        ),
        rule(
            6,
            json!([{ "ip_list": { "href": format!("{ACTIVE}/ip_lists/3") } }]),
            json!([label(27)]),
            json!([]),
            "virtual_services",
        ),
    ];
    rules[0]["consuming_security_principals"] = json!([{ "href": "/orgs/3/security_principals/x", "name": "Admins" }]);
    rules[0]["network_type"] = json!("non_brn");
    rules[1]["machine_auth"] = json!(true);
    rules[1]["description"] = json!("say \"${hello}\"");
    rules[3]["use_workload_subnets"] = json!(["consumers"]);
    rules[3]["stateless"] = json!(true);
    rules[4]["sec_connect"] = json!(true);
    let shop = Value::Array(vec![json!({ "href": format!("{ACTIVE}/rule_sets/1"), "name": "RS; one", "enabled": true,
                "scopes": [[label(12), label(15)]], "rules": rules })]);
    let files = [export::VIRTUAL_SERVICES, export::LABEL_GROUPS, export::SERVICES, export::IP_LISTS, export::LABELS];
    let of_shop = files.map(|file| (file, fs::read_to_string(folder("shop").join(file)).unwrap()));
    [(export::RULE_SETS, shop.to_string())].into_iter().chain(of_shop).collect()
}

/// The bodies that are written for a policy, each with its method.
fn bodies(files: &[(&str, String)]) -> Vec<(String, Value)> {
    let home = Folder::new();
    for (file, text) in files {
        let path = home.path("export").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home.run("policy rewrite export --into out").exits(0);
    let requests = requests(&home);
    let requests = requests["requests"].as_array().unwrap().iter();
    requests.map(|request| (request["method"].as_str().unwrap().to_owned(), request["body"].clone())).collect()
}

#[test]
fn every_narrowing_field_is_kept() {
    let bodies = bodies(&one_of_each());
    let put: Vec<&Value> = bodies.iter().filter(|(method, _)| method == "PUT").map(|(_, body)| body).collect();
    assert_eq!(put.len(), 6);
    assert_eq!(put[0]["consuming_security_principals"], json!([{ "href": "/orgs/3/security_principals/x" }]));
    assert_eq!(put[0]["network_type"], "non_brn");
    let posted: Vec<&Value> = bodies.iter().filter(|(method, _)| method == "POST").map(|(_, body)| body).collect();
    assert_eq!(posted.len(), 1);
    for body in [put[1], posted[0]] {
        assert_eq!((&body["machine_auth"], &body["unscoped_consumers"]), (&json!(true), &json!(true)));
    }
    assert_eq!((&put[3]["use_workload_subnets"], &put[3]["stateless"]), (&json!(["consumers"]), &json!(true)));
    assert_eq!(put[3]["resolve_labels_as"]["providers"], json!(["workloads", "virtual_services"]));
    assert_eq!(put[4]["sec_connect"], true);
}

#[test]
fn a_body_is_valid_by_the_schemas_of_the_vendor() {
    let bodies = bodies(&one_of_each());
    for (wanted, name) in
        [("PUT", "sec_policy_rule_sets_sec_rules_put"), ("POST", "sec_policy_rule_sets_sec_rules_post")]
    {
        let sent = bodies.iter().filter(|(method, _)| method == wanted).map(|(_, body)| body.clone());
        let sent: Vec<Value> = sent.collect();
        assert!(!sent.is_empty(), "no {wanted}");
        vendor::fit(name, &sent);
    }
}

/// Whether a rule that comes to mean workloads in place of virtual services names whole services or ranges of ports,
/// which it would open at workloads that no service leads to. No two ports of the services that are made up are next to
/// each other, so nothing that they have needs a range.
fn opens_beyond_services(old: &SecRule<'_>, new: &SecRule<'_>) -> bool {
    let is_new = |actor: &&Actor<'_>| {
        let was_meant = old.resolve_labels_as.providers.workloads && old.providers.contains(actor);
        actor.kind.is_by_label() && !was_meant
    };
    let becomes_workloads = new.resolve_labels_as.providers.workloads && new.providers.iter().any(|one| is_new(&one));
    let is_wide = |one: &Opened<'_>| one.href.is_some() || one.port.is_none() || one.to_port.is_some();
    becomes_workloads && new.ingress_services.iter().any(is_wide)
}

/// The law: a rule that is rewritten has no error any more, nothing remains to rewrite in it, and nothing of what it
/// allowed before CLAS is lost. How many rules are rewritten, and how many changes lose something without that.
#[track_caller]
fn is_sound_afterwards(files: &[(&'static str, String)], cluster: Option<&str>) -> (usize, usize) {
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, name: file, text }).collect();
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let question = Question { cluster, ..Question::default() };
    let before = judge(&book, &question);
    let changed: Vec<&str> = before.rewritten().changes.iter().map(|change| &*change.old.rule.href).collect();
    let policy = before.policy_after();
    let book_after = Book::of(&policy);
    let after = judge(&book_after, &question);
    let lost_by = |after: &Book<'_>| {
        let comparison = prove::prove(&book, after, &question);
        let lost = comparison.changes.iter().filter(|change| change.answer == prove::Answer::Lost);
        let by_changed = lost.filter(|change| changed.contains(&&*change.rule.rule.href));
        by_changed
            .map(|change| format!("{}: {:?}", change.rule.rule.href, comparison.witness(change)))
            .collect::<Vec<_>>()
    };
    assert_eq!(lost_by(&book_after), Vec::<String>::new());
    for rule in after.rule_sets.iter().flat_map(|set| &set.rules) {
        let is_changed = changed.iter().any(|href| rule.rule.href.starts_with(href));
        let errors: Vec<&str> = rule
            .findings
            .iter()
            .filter(|finding| finding.severity.as_str() == "error")
            .map(|finding| &*finding.message)
            .collect();
        assert!(
            !is_changed || (errors.is_empty() && rule.becomes(&book_after).is_empty()),
            "{}: {errors:?} {:?}",
            rule.rule.href,
            rule.becomes(&book_after)
        );
    }
    (changed.len(), lost_by(&book).len())
}

#[test]
fn the_judge_finds_no_error_in_what_was_rewritten() {
    assert_eq!(is_sound_afterwards(&one_of_each(), None), (6, 6));
    for (name, cluster) in [
        ("shop", Some("5a1e0000-0000-4000-8000-0000000000c1")),
        ("shop", None),
        ("demo", None),
        ("vendor-template", None),
    ] {
        let files = [
            export::RULE_SETS,
            export::VIRTUAL_SERVICES,
            export::LABEL_GROUPS,
            export::SERVICES,
            export::IP_LISTS,
            export::LABELS,
        ];
        let files = files.map(|file| (file, fs::read_to_string(folder(name).join(file)).unwrap()));
        is_sound_afterwards(&files, cluster);
    }
}

/// The same law for policies of all shapes.
#[test]
fn made_up_policies_are_sound_once_they_are_rewritten() {
    let number: u64 = env::var("REWRITE_CASES").ok().map_or(150, |number| number.parse().unwrap());
    let from: u64 = env::var("REWRITE_FROM").ok().map_or(1, |number| number.parse().unwrap());
    let mut changed = 0;
    for seed in from..from + number {
        println!("seed {seed}");
        let files = made_up_files(seed);
        changed += is_sound_afterwards(&files, None).0;
        let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, name: file, text }).collect();
        let policy = Policy::read(&sources).unwrap();
        let book = Book::of(&policy);
        let judged = judge(&book, &Question::default());
        for change in judged.rewritten().changes {
            for new in &change.rules {
                assert!(!opens_beyond_services(change.old.rule, new), "{:?} {new:?}", change.old.rule);
            }
        }
    }
    println!("{number} policies, {changed} rules rewritten");
    assert!(changed > 0);
}

#[test]
fn what_another_tool_cannot_say_is_not_written_for_it() {
    let home = Folder::new();
    for (file, text) in one_of_each() {
        let path = home.path("export").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let json = home.run("policy rewrite export --into other -o json").exits(0).json();
    schema::fits(&json);
    let drafts = "Whether these rules have changes in draft is not known";
    assert!(json["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().starts_with(drafts)), "{json}");
    let lacking = |file: &str| {
        json["notWritten"].as_array().unwrap().iter().find(|one| one["file"] == file).unwrap()["rules"].clone()
    };
    assert_eq!((lacking("rule-import.csv"), lacking("rules.tf")), (json!(1), json!(2)));
    home.run("policy rewrite export").exits(0);
    let read = |name: &str| fs::read_to_string(home.path("export/rewrite").join(name)).unwrap();
    let hcl = read("rules.tf");
    let body = hcl_edit::parser::parse_body(&hcl).unwrap();
    assert!(body.get_blocks("resource").count() > 1, "{hcl}");
    assert!(hcl.contains("# rule 1 of RS; one is not written: the resource has no network_type"), "{hcl}");
    assert!(hcl.contains(r#"description        = "say \"$${hello}\"""#), "{hcl}");
    assert!(!hcl.contains("security_principals/x"), "{hcl}");
    let csv = read("rule-import.csv");
    // the columns of workloader 12.1.9 (`cmd/ruleimport/headers.go`); older ones are read with a warning
    let header = csv.lines().next().unwrap();
    let required = [
        "services",
        "unscoped_consumers",
        "ruleset_name",
        "rule_enabled",
        "dst_resolve_labels_as",
        "src_resolve_labels_as",
    ];
    assert!(required.iter().all(|name| header.split(',').any(|column| column == *name)), "{header}");
    assert!(!header.contains("consumer_") && !header.contains("provider_"), "{header}");
    assert!(!csv.contains("sec_rules/5") && csv.contains("sec_rules/1"), "{csv}");
    assert!(csv.contains("\"say \"\"${hello}\"\"\""), "{csv}");
    let markdown = read("rewrite.md");
    assert!(markdown.contains("Not in rule-import.csv") && markdown.contains("sec\\_rules/5"), "{markdown}");
}
