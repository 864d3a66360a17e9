#!/usr/bin/env python3
"""Plays the API server of a cluster, for a real Helm and a real kubectl: cluster.py FOLDER

It keeps the Secrets in which Helm keeps its releases, and shows the objects that FOLDER/*.json holds, or else those
recorded in testdata/verify. As on a real cluster, Kubelink and the C-VENs restart when an upgrade went well; while
FOLDER/stuck is there, they do not. Prints its port. Every request is written to FOLDER/requests.
"""

import base64
import json
import pathlib
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

FOLDER = pathlib.Path(sys.argv[1])
RECORDED = pathlib.Path(__file__).parent.parent / "verify"
NAMESPACE = "/namespaces/illumio-system"
OBJECTS = {
    f"/apis/apps/v1{NAMESPACE}/deployments/illumio-kubelink": "deployment",
    f"/apis/apps/v1{NAMESPACE}/daemonsets/illumio-ven": "daemonset",
    f"/apis/apps/v1{NAMESPACE}/statefulsets/illumio-storage": "statefulset",
    f"/api/v1{NAMESPACE}/pods": "pods",
}
secrets = {}
started = "2025-06-01T08:01:40Z"


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
    assert body.startswith(b"k8s\0"), body[:80]
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


def shown(name):
    own = FOLDER / f"{name}.json"
    text = (own if own.exists() else RECORDED / f"{name}.json").read_text()
    if name == "pods":
        text = re.sub(r'"startedAt": *"[^"]*"', f'"startedAt": "{started}"', text)
        text = text.replace('"List"', '"PodList"', 1)
    return json.loads(text)


def resources(version, names):
    verbs = ["get", "list", "create", "update"]
    listed = [{"name": name, "singularName": name[:-1], "namespaced": True, "kind": kind, "verbs": verbs}
              for name, kind in names]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}


APPS = {"groupVersion": "apps/v1", "version": "v1"}
DISCOVERY = {
    "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1",
              "groups": [{"name": "apps", "versions": [APPS], "preferredVersion": APPS}]},
    "/api/v1": resources("v1", [("pods", "Pod"), ("secrets", "Secret")]),
    "/apis/apps/v1": resources("apps/v1", [("deployments", "Deployment"), ("daemonsets", "DaemonSet"),
                                           ("statefulsets", "StatefulSet")]),
}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        global started
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(FOLDER / "requests", "a") as requests:
            requests.write(f"{self.command} {self.path}\n")
        address = urlparse(self.path)
        path = address.path
        if path in DISCOVERY:
            return self.say(200, DISCOVERY[path])
        if path in OBJECTS:
            return self.say(200, shown(OBJECTS[path]))
        kept = re.fullmatch(rf"/api/v1{NAMESPACE}/secrets(?:/(.+))?", path)
        if kept and self.command in ("POST", "PUT"):
            made = secret(body)
            secrets[made["metadata"]["name"]] = made
            is_done = made["metadata"]["labels"].get("status") == "deployed"
            if is_done and not (FOLDER / "stuck").exists():
                started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            return self.say(201 if self.command == "POST" else 200, made)
        if kept and kept[1] in secrets:
            return self.say(200, secrets[kept[1]])
        if kept and not kept[1]:
            wanted = parse_qs(address.query).get("labelSelector", [""])[0]
            labels = dict(part.split("=") for part in wanted.split(",") if part)
            items = [kept for kept in secrets.values() if labels.items() <= kept["metadata"]["labels"].items()]
            return self.say(200, {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": items})
        return self.say(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404,
                              "reason": "NotFound", "message": f"{path} not found"})

    do_GET = do_POST = do_PUT = answer

    def say(self, code, what):
        text = json.dumps(what).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
