#!/usr/bin/env python3
"""Judges changes of objects by the policies that `helm clas guard` prints, with Google's CEL runtime: judge.py < JSON

In: {"policies": TEXT, "changes": [{"kind": "flux", "before": {...}, "after": {...}}]}
Out: for each change the messages that it is refused with, null where no policy looks at it, a text where an expression
fails; then what the schema of
Kubernetes says against the shape of the policies.
"""

import json
import re
import sys

import yaml
from cel_expr_python import cel

EXTENSIONS = "name: k8s\nextensions:\n- name: optional\n- name: strings\n"
ENVIRONMENT = cel.NewEnv(config=cel.NewEnvConfigFromYaml(EXTENSIONS),
                         variables={"object": cel.Type.DYN, "oldObject": cel.Type.DYN})


def compiled(policy):
    """The expressions of a policy, in which each variable stands for its own."""
    spec = policy["spec"]
    variables = {one["name"]: one["expression"] for one in spec["variables"]}

    def inlined(expression):
        found = re.sub(r"variables\.(\w+)", lambda name: f"({variables[name[1]]})", expression)
        return inlined(found) if found != expression else found

    of = lambda expression: ENVIRONMENT.compile(inlined(expression))
    return ([of(one["expression"]) for one in spec["matchConditions"]],
            [(of(one["expression"]), of(one["messageExpression"])) for one in spec["validations"]])


def judged(policy, change):
    conditions, validations = policy
    data = {"object": change["after"], "oldObject": change["before"]}
    ask = lambda expression: expression.eval(data=data).value()
    # an error refuses the change of any object, since the policies say `failurePolicy: Fail`
    answers = [ask(expression) for expression in conditions]
    if all(isinstance(answer, bool) for answer in answers) and not all(answers):
        return None
    answers += [ask(holds) for holds, _ in validations]
    for answer in answers:
        if not isinstance(answer, bool):
            return f"error: {answer}"
    return [ask(message) for holds, message in validations if ask(holds) is not True]


asked = json.load(sys.stdin)
documents = [document for document in yaml.safe_load_all(asked["policies"]) if document]
policies = {document["spec"]["matchConstraints"]["resourceRules"][0]["resources"][0]: compiled(document)
            for document in documents if document["kind"] == "ValidatingAdmissionPolicy"}
kinds = {"flux": "helmreleases", "argo-cd": "applications"}
answers = [judged(policies[kinds[change["kind"]]], change) for change in asked["changes"]]

wrong = []
try:
    import kubernetes_validate
    for document in documents:
        try:
            kubernetes_validate.validate(document, "1.31", strict=True)
        except Exception as error:
            wrong.append(str(error))
except ImportError:
    wrong.append("kubernetes-validate is not installed")
json.dump({"answers": answers, "shape": wrong}, sys.stdout)
