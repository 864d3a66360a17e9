"""Makes the policies that benches/run measures: FOLDER/policy/{25k,50k,100k,200k}, each an export with as many rules.

5,000 label classes: each virtual service has an own role, within one of a hundred apps and one of four environments.
"""

import json
import pathlib
import sys

ACTIVE = "/orgs/3/sec_policy/active"
CLASSES = 5_000
APPS = 100
ENVS = 4


def label(number):
    return f"/orgs/3/labels/{number}"


def of_label(number):
    return {"label": {"href": label(number)}}


APP, ENV, ROLE = 1, 1 + APPS, 1 + APPS + ENVS


def labels():
    made = [("app", f"app{number}") for number in range(APPS)]
    made += [("env", f"env{number}") for number in range(ENVS)]
    made += [("role", f"role{number}") for number in range(CLASSES)]
    return [{"href": label(number), "key": key, "value": value} for number, (key, value) in enumerate(made, 1)]


def service(number):
    made = [ROLE + number, APP + number % APPS, ENV + number // APPS % ENVS]
    kind = "NodePort" if number % 7 == 0 else "ClusterIP"
    return {
        "href": f"{ACTIVE}/virtual_services/{number}",
        "name": f"service{number}",
        "created_by": {"href": "/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c1"},
        "labels": [{"href": label(one)} for one in made],
        "service_ports": [{"proto": 6, "port": 8080}, {"proto": 6, "port": 9090}],
        "k8s_service_info": {"service_type": kind},
    }


def rule(number):
    """To a service of the set's own app and env, mostly by its role: all kinds of rules, by the number."""
    group = number // 50 % (APPS * ENVS)
    mine = (group + APPS * ENVS * (number % 12)) % CLASSES
    providers = [of_label(ROLE + mine)]
    if number % 20 == 3:
        providers = [{"actors": "ams"}]
    elif number % 20 == 7:
        providers = [{"virtual_service": {"href": f"{ACTIVE}/virtual_services/{mine}"}}]
    uses = [["workloads"], ["virtual_services"], ["workloads", "virtual_services"]][number % 3]
    return {
        "href": f"{ACTIVE}/rule_sets/{number // 50}/sec_rules/{number}",
        "enabled": True,
        "consumers": [of_label(ROLE + number * 7919 % CLASSES)],
        "providers": providers,
        "ingress_services": [{"proto": 6, "port": 8080 + number % 3}] if number % 4 else [],
        "resolve_labels_as": {"consumers": ["workloads"], "providers": uses},
        "unscoped_consumers": number % 3 == 0,
    }


def rule_sets(rules):
    for number in range(rules // 50):
        group = number % (APPS * ENVS)
        yield {
            "href": f"{ACTIVE}/rule_sets/{number}",
            "name": f"RS-{number}",
            "enabled": True,
            "scopes": [[of_label(APP + group % APPS), of_label(ENV + group // APPS % ENVS)]],
            "rules": [rule(number * 50 + one) for one in range(50)],
        }


folder = pathlib.Path(sys.argv[1])
for rules in (25_000, 50_000, 100_000, 200_000):
    export = folder / "policy" / f"{rules // 1000}k"
    (export / "active").mkdir(parents=True, exist_ok=True)
    (export / "labels.json").write_text(json.dumps(labels()))
    for name, made in [
        ("rule_sets", list(rule_sets(rules))),
        ("virtual_services", [service(number) for number in range(CLASSES)]),
        ("label_groups", []),
        ("services", []),
        ("ip_lists", []),
    ]:
        (export / "active" / f"{name}.json").write_text(json.dumps(made))
