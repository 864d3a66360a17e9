#!/usr/bin/env python3
"""Plays the API server of a cluster and its controllers, for a real Helm and a real kubectl: cluster.py FOLDER

It has a memory: objects keep their generation, their template and who owns their fields; pods restart only where their
template changed. Prints its port. Every request is written to FOLDER/requests. Files in FOLDER change what it does, a
line each:

    stuck      a controller whose new pods do not get Ready (illumio-ven)
    frozen     a controller whose pods do not follow its template
    over       a controller that has an evicted pod beside its others
    forbidden  VERB RESOURCE that this user may not (list pods, create secrets)
    rejected   RESOURCE NAME that the server does not accept (daemonsets illumio-ven)
    owned      RESOURCE NAME FIELD VALUE that another manager owns (deployments illumio-kubelink spec.replicas 2)
    labels     NAME VALUE that every Deployment has beside its own
    vanish     STATUS [REQUESTS]: once a release has it, so many requests find no server; all of them without a number
    clock      how many seconds its clock is ahead
"""

import base64
import copy
import hashlib
import json
import pathlib
import re
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

FOLDER = pathlib.Path(sys.argv[1])
KINDS = {
    ("v1", "pods"): "Pod",
    ("v1", "secrets"): "Secret",
    ("v1", "configmaps"): "ConfigMap",
    ("v1", "services"): "Service",
    ("apps/v1", "deployments"): "Deployment",
    ("apps/v1", "daemonsets"): "DaemonSet",
    ("apps/v1", "statefulsets"): "StatefulSet",
    ("apps/v1", "replicasets"): "ReplicaSet",
    ("apps/v1", "controllerrevisions"): "ControllerRevision",
}
CONTROLLERS = {"deployments": "Deployment", "daemonsets": "DaemonSet", "statefulsets": "StatefulSet"}
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")

lock = threading.RLock()
objects = {}   # (version, resource, namespace, name) -> object
owners = {}    # the same -> {path: manager}
counter = 0
vanished = None


def lines(name):
    file = FOLDER / name
    return [line.split() for line in file.read_text().splitlines() if line.strip()] if file.exists() else []


def named(name):
    return {words[0] for words in lines(name)}


def clock():
    return time.time() + sum(float(words[0]) for words in lines("clock"))


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(clock()))


def count():
    global counter
    counter += 1
    return counter


# What arrives.

def fields(message):
    """The fields of a message of protobuf, each with its number."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = number()
        if tag & 7 == 2:
            length = number()
            yield tag >> 3, message[at:at + length]
            at += length
        else:
            yield tag >> 3, number()


def secret(body):
    """A Secret as client-go sends it. (k8s.io/apimachinery, runtime.Unknown; k8s.io/api/core/v1, generated.proto)"""
    found = {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": {}}, "data": {}}
    for field, value in fields(dict(fields(body[4:]))[2]):
        if field == 1:
            for part, inner in fields(value):
                if part == 1:
                    found["metadata"]["name"] = inner.decode()
                elif part == 11:
                    label = dict(fields(inner))
                    found["metadata"]["labels"][label[1].decode()] = label[2].decode()
        elif field == 2:
            entry = dict(fields(value))
            found["data"][entry[1].decode()] = base64.b64encode(entry[2]).decode()
    return found


class Refused(Exception):
    def __init__(self, code, reason, message):
        self.status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
                       "reason": reason, "message": message}


def merged(old, patch):
    """A strategic merge patch, as far as Helm sends one: lists of named things are merged by name."""
    if isinstance(patch, dict):
        result = dict(old) if isinstance(old, dict) else {}
        for key, value in patch.items():
            if key.startswith("$"):
                continue
            if value is None:
                result.pop(key, None)
            else:
                result[key] = merged(result.get(key), value)
        return result
    is_named = isinstance(patch, list) and patch and all(isinstance(one, dict) and "name" in one for one in patch)
    if is_named and isinstance(old, list):
        result = {one["name"]: one for one in old}
        for one in patch:
            result[one["name"]] = merged(result.get(one["name"]), one)
        return [one for one in result.values() if one.get("$patch") != "delete"]
    return patch


def leaves(value, path=()):
    """The fields of an object as server-side apply owns them: a list is one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, path + (key,))
    else:
        yield path, value


def at(value, path):
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def put(value, path, what):
    for key in path[:-1]:
        value = value.setdefault(key, {})
    if what is None:
        value.pop(path[-1], None)
    else:
        value[path[-1]] = what


IDENTITY = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}


def applied(key, config, manager, is_forced):
    """Server-side apply: what this manager says, unless a field belongs to another one."""
    owned = owners.setdefault(key, {})
    result = copy.deepcopy(objects.get(key)) or {}
    said = {path: value for path, value in leaves(config) if path not in IDENTITY}
    for path, value in said.items():
        other = owned.get(path)
        if other not in (None, manager) and at(result, path) != value and not is_forced:
            field = "." + ".".join(path)
            raise Refused(409, "Conflict",
                          f'Apply failed with 1 conflict: conflict with "{other}" using apps/v1: {field}')
    for path in [path for path, one in owned.items() if one == manager and path not in said]:
        put(result, path, None)
        del owned[path]
    for path, value in leaves(config):
        put(result, path, value)
        owned[path] = manager
    return result


# What the controllers of a cluster do.

def short(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]


def reconciled(resource, namespace, name):
    """The pods of a controller follow its template."""
    controller = objects[("apps/v1", resource, namespace, name)]
    if name in named("frozen"):
        return
    label = short(controller["spec"]["template"])
    of_set = resource == "deployments"
    kept = "replicasets" if of_set else "controllerrevisions"
    mark = "pod-template-hash" if of_set else "controller-revision-hash"
    marks = {**controller["spec"]["template"].get("metadata", {}).get("labels", {}), mark: label}
    mine = [one for (version, what, _, _), one in objects.items()
            if what == kept and one["metadata"]["ownerReferences"][0]["name"] == name]
    newest = max([one["revision"] for one in mine], default=0)
    key = ("apps/v1", kept, namespace, f"{name}-{label}")
    if key not in objects or objects[key]["revision"] < newest:
        metadata = objects.get(key, {}).get("metadata") or {"name": key[3], "namespace": namespace, "uid": f"u{count()}",
                                                            "creationTimestamp": now(), "labels": marks}
        metadata["annotations"] = {"deployment.kubernetes.io/revision": str(newest + 1)}
        metadata["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": CONTROLLERS[resource], "name": name,
                                        "controller": True, "uid": controller["metadata"]["uid"]}]
        metadata["resourceVersion"] = str(count())
        objects[key] = {"apiVersion": "apps/v1", "kind": KINDS[("apps/v1", kept)], "metadata": metadata,
                        "revision": newest + 1,
                        "spec": {"replicas": 1, "selector": controller["spec"]["selector"],
                                 "template": controller["spec"]["template"]}}
    owner = key[3] if of_set else name
    wanted = 2 if resource == "daemonsets" else controller["spec"].get("replicas", 1)
    replace_pods(namespace, name, {"kind": "ReplicaSet" if of_set else CONTROLLERS[resource], "name": owner},
                 marks, wanted)


def pods_of(namespace, name):
    return {key: pod for key, pod in objects.items() if key[1] == "pods" and key[2] == namespace and pod["of"] == name}


def replace_pods(namespace, name, owner, label, wanted):
    is_stuck = name in named("stuck")
    old = {key: pod for key, pod in pods_of(namespace, name).items() if not label.items() <= pod["metadata"]["labels"].items()}
    for number, key in enumerate(old):
        # a rolling update does not go on before the first new pod is Ready
        if not (is_stuck and number > 0):
            del objects[key]
    while len(pods_of(namespace, name)) < wanted:
        pod = f"{owner['name']}-{count():05}"
        objects[("v1", "pods", namespace, pod)] = {
            "apiVersion": "v1", "kind": "Pod", "of": name, "started": now(), "stuck": is_stuck,
            "metadata": {"name": pod, "namespace": namespace, "uid": f"u{count()}", "creationTimestamp": now(),
                         "labels": dict(label), "resourceVersion": str(count()),
                         "ownerReferences": [{"apiVersion": "apps/v1", "controller": True, "uid": "u", **owner}]},
            "spec": {"containers": [{"name": name}]}}
    for key in list(pods_of(namespace, name))[wanted:]:
        del objects[key]


def shown_pod(pod):
    """A pod as it is now: Ready, unless it was made while its controller was stuck, and that still is."""
    shown = {key: value for key, value in pod.items() if key not in ("of", "started", "stuck")}
    is_ready = not (pod["stuck"] and pod["of"] in named("stuck"))
    running = {"name": pod["of"], "ready": is_ready, "restartCount": 0, "state": {"running": {"startedAt": pod["started"]}},
               "lastState": {}}
    shown["status"] = {"phase": "Running", "containerStatuses": [running],
                       "conditions": [{"type": "Ready", "status": "True" if is_ready else "False"}]}
    return shown


def is_ready(pod):
    return shown_pod(pod)["status"]["conditions"][0]["status"] == "True"


def shown(key):
    found = objects[key]
    version, resource, namespace, name = key
    if resource == "pods":
        return shown_pod(found)
    if resource == "replicasets":
        pods = [pod for pod in objects.values() if pod.get("of") and pod["metadata"]["ownerReferences"][0]["name"] == name]
        ready = sum(is_ready(pod) for pod in pods)
        found = {**found, "status": {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}}
    if resource not in CONTROLLERS:
        return {part: value for part, value in found.items() if part != "revision" or resource != "replicasets"}
    found = copy.deepcopy(found)
    for words in lines("labels") if resource == "deployments" else []:
        found["metadata"].setdefault("labels", {})[words[0]] = words[1]
    generation = found["metadata"]["generation"]
    pods = list(pods_of(namespace, name).values())
    label = short(found["spec"]["template"])
    new = [pod for pod in pods if label in pod["metadata"]["labels"].values()]
    ready = [pod for pod in pods if is_ready(pod)]
    observed = generation - (1 if name in named("frozen") else 0)
    if resource == "daemonsets":
        found["status"] = {"desiredNumberScheduled": 2, "currentNumberScheduled": len(pods), "numberReady": len(ready),
                           "updatedNumberScheduled": len(new), "numberAvailable": len(ready), "numberMisscheduled": 0,
                           "observedGeneration": observed}
    elif resource == "statefulsets":
        found["status"] = {"replicas": len(pods), "readyReplicas": len(ready), "updatedReplicas": len(new),
                           "currentReplicas": len(new), "availableReplicas": len(ready), "updateRevision": f"{name}-{label}",
                           "currentRevision": f"{name}-{label}", "observedGeneration": observed}
    else:
        found["status"] = {"replicas": len(pods), "updatedReplicas": len(new), "readyReplicas": len(ready),
                           "availableReplicas": len(ready), "observedGeneration": observed,
                           "conditions": [{"type": "Available", "status": "True"},
                                          {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]}
    return found


def evicted(namespace):
    for name in named("over"):
        for key, pod in pods_of(namespace, name).items():
            gone = shown_pod(pod)
            gone["metadata"] = {**gone["metadata"], "name": f"{name}-evicted", "labels": {}}
            gone["status"] = {"phase": "Failed", "reason": "Evicted", "containerStatuses": []}
            yield gone
            break


def stored(key, what):
    """Keeps an object as the server does: with a generation, and with what its controller makes of it."""
    version, resource, namespace, name = key
    if not NAME.fullmatch(name):
        raise Refused(422, "Invalid", f'{KINDS[key[:2]]} "{name}" is invalid: metadata.name: Invalid value: "{name}"')
    if [resource, name] in lines("rejected"):
        raise Refused(422, "Invalid", f'{KINDS[key[:2]]} "{name}" is invalid: spec: Forbidden: not on this cluster')
    old = objects.get(key)
    what = copy.deepcopy(what)
    metadata = what.setdefault("metadata", {})
    metadata.update({"name": name, "namespace": namespace, "resourceVersion": str(count())})
    metadata["creationTimestamp"] = old["metadata"]["creationTimestamp"] if old else now()
    metadata["uid"] = old["metadata"]["uid"] if old else f"u{count()}"
    if resource in CONTROLLERS:
        # what the server fills in, so that no template is as the chart says it
        what["spec"].setdefault("replicas", 1)
        what["spec"]["template"].setdefault("spec", {}).setdefault("restartPolicy", "Always")
        what["spec"].setdefault("strategy" if resource == "deployments" else "updateStrategy",
                                {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}
                                 if resource == "deployments" else {"maxUnavailable": 1}})
        is_new = old is None or old["spec"] != what["spec"]
        metadata["generation"] = (old["metadata"]["generation"] if old else 0) + (1 if is_new else 0)
    objects[key] = what
    if resource in CONTROLLERS:
        reconciled(resource, namespace, name)
        for words in lines("owned"):
            if words[:2] == [resource, name] and old is None:
                path = tuple(words[2].split("."))
                put(objects[key], path, json.loads(words[3]))
                owners.setdefault(key, {})[path] = "autoscaler"
    if resource == "secrets":
        vanish(metadata.get("labels", {}).get("status"))
    return what


def vanish(status):
    global vanished
    for words in lines("vanish"):
        if words[0] == status:
            vanished = int(words[1]) if len(words) > 1 else -1


# The server.

def resources(version):
    verbs = ["get", "list", "watch", "create", "update", "patch", "delete"]
    listed = [{"name": name, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": verbs}
              for (group, name), kind in KINDS.items() if group == version]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}


def openapi(version):
    """What is needed for a client to leave validation to the server."""
    group, _, number = version.rpartition("/")
    top = f"/apis/{version}" if group else f"/api/{version}"
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("fieldValidation", "dryRun")]
    paths = {f"{top}/namespaces/{{namespace}}/{name}/{{name}}":
             {"patch": {"parameters": parameters, "responses": {"200": {"description": "OK"}},
                        "x-kubernetes-group-version-kind": {"group": group, "version": number, "kind": kind}}}
             for (of, name), kind in KINDS.items() if of == version}
    return {"openapi": "3.0.0", "info": {"title": "played", "version": "v1"}, "paths": paths,
            "components": {"schemas": {}}}


APPS = {"groupVersion": "apps/v1", "version": "v1"}
DISCOVERY = {
    "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1",
              "groups": [{"name": "apps", "versions": [APPS], "preferredVersion": APPS}]},
    "/api/v1": resources("v1"),
    "/apis/apps/v1": resources("apps/v1"),
    "/openapi/v3": {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1"},
                              "apis/apps/v1": {"serverRelativeURL": "/openapi/v3/apis/apps/v1"}}},
    "/openapi/v3/api/v1": openapi("v1"),
    "/openapi/v3/apis/apps/v1": openapi("apps/v1"),
}
OF_OBJECTS = re.compile(r"/(?:api|apis)/(v1|apps/v1)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?")
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        global vanished
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            if not (FOLDER / "vanish").exists():
                vanished = None
            if vanished:
                vanished -= 1
                self.close_connection = True
                return
            with open(FOLDER / "requests", "a") as requests:
                requests.write(f"{self.command} {self.path}\n")
            address = urlparse(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            found = OF_OBJECTS.fullmatch(address.path)
        if address.path in DISCOVERY:
            return self.say(200, DISCOVERY[address.path])
        try:
            if not found or (found[1], found[3]) not in KINDS:
                raise Refused(404, "NotFound", "the server could not find the requested resource")
            if query.get("watch") in ("1", "true"):
                return self.watch(found[1], found[2], found[3], query)
            with lock:
                code, what = self.of_objects(found[1], found[2], found[3], found[4], query, body)
            self.say(code, what)
        except Refused as refused:
            self.say(refused.status["code"], refused.status)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def of_objects(self, version, namespace, resource, name, query, body):
        verb = "list" if self.command == "GET" and not name else VERBS[self.command]
        kind = KINDS[(version, resource)]
        if [verb, resource] in lines("forbidden"):
            raise Refused(403, "Forbidden", f'{resource} is forbidden: User "me" cannot {verb} resource "{resource}" in '
                                            f'API group "" in the namespace "{namespace}"')
        for of, controller, where, called in [key for key in objects if key[1] in CONTROLLERS]:
            reconciled(controller, where, called)
        if verb == "list":
            return 200, {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": str(counter)},
                         "items": self.listed(version, namespace, resource, query)}
        key = (version, resource, namespace, name)
        if verb == "create":
            made = secret(body) if body.startswith(b"k8s\0") else json.loads(body)
            key = (version, resource, namespace, made["metadata"]["name"])
            if key in objects:
                raise Refused(409, "AlreadyExists", f'{resource} "{key[3]}" already exists')
            for path, _ in leaves(made):
                owners.setdefault(key, {})[path] = query.get("fieldManager", "helm")
            stored(key, made)
            return 201, shown(key)
        if verb == "patch" and "apply" in self.headers["Content-Type"]:
            is_new = key not in objects
            stored(key, applied(key, json.loads(body), query["fieldManager"], query.get("force") == "true"))
            return 201 if is_new else 200, shown(key)
        if key not in objects:
            raise Refused(404, "NotFound", f'{resource} "{name}" not found')
        if verb == "update":
            stored(key, secret(body) if body.startswith(b"k8s\0") else json.loads(body))
        elif verb == "patch":
            stored(key, merged(objects[key], json.loads(body)))
        elif verb == "delete":
            del objects[key]
            owners.pop(key, None)
            for pod in pods_of(namespace, name) if resource in CONTROLLERS else []:
                del objects[pod]
            return 200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return 200, shown(key)

    def listed(self, version, namespace, resource, query):
        labels = dict(part.split("=", 1) for part in query.get("labelSelector", "").split(",") if "=" in part)
        items = [shown(key) for key in list(objects) if key[:2] == (version, resource) and namespace in (None, key[2])]
        if resource == "pods":
            items += evicted(namespace)
        name = dict(part.split("=", 1) for part in query.get("fieldSelector", "").split(",") if "=" in part)
        wanted = name.get("metadata.name")
        return [item for item in items if labels.items() <= item["metadata"].get("labels", {}).items()
                and wanted in (None, item["metadata"]["name"])]

    def watch(self, version, namespace, resource, query):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        seen = {}
        with lock:
            first = int(query.get("resourceVersion") or 0)
        if query.get("sendInitialEvents") == "true":
            first = 0
        until = time.time() + min(float(query.get("timeoutSeconds", 20)), 20)
        while time.time() < until:
            with lock:
                items = self.listed(version, namespace, resource, query)
            for item in items:
                state = json.dumps(item, sort_keys=True)
                name = item["metadata"]["name"]
                is_new = name not in seen and int(item["metadata"].get("resourceVersion", 0)) > first
                if seen.get(name, state) != state or is_new:
                    if not self.send_event("ADDED" if is_new else "MODIFIED", item):
                        return
                seen[name] = state
            if query.pop("sendInitialEvents", "") == "true" and not self.send_event("BOOKMARK", {
                    "apiVersion": version, "kind": KINDS[(version, resource)],
                    "metadata": {"resourceVersion": str(counter),
                                 "annotations": {"k8s.io/initial-events-end": "true"}}}):
                return
            time.sleep(0.1)

    def send_event(self, kind, what):
        """Whether somebody is still watching."""
        try:
            self.wfile.write((json.dumps({"type": kind, "object": what}) + "\n").encode())
            self.wfile.flush()
            return True
        except OSError:
            return False

    def say(self, code, what):
        text = json.dumps(what).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def date_time_string(self, timestamp=None):
        return formatdate(clock(), usegmt=True)

    def log_message(self, *_):
        pass


class Played(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Played(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
