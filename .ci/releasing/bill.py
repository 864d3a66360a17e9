"""The bill of materials: every crate in the programs, as CycloneDX 1.5 has it."""

import json
import re
import uuid
from datetime import datetime, timezone

from .program import REPOSITORY, told_by


def bill(triples, epoch):
    """The crates that the program for any of these targets is made of."""
    crates, own = {}, None
    for triple in triples:
        told = json.loads(told_by("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", triple))
        own = own or next(crate for crate in told["packages"] if crate["id"] == told["resolve"]["root"])
        nodes = {node["id"]: node for node in told["resolve"]["nodes"]}
        known = {crate["id"]: crate for crate in told["packages"]}
        for found in linked(own["id"], nodes):
            below = crates.setdefault(reference(known[found]), (known[found], set()))[1]
            below.update(reference(known[next_one]) for next_one in below_of(nodes[found]))
    root = reference(own)
    components = [component(crate) for key, (crate, _) in sorted(crates.items()) if key != root]
    depending = [{"ref": key, "dependsOn": sorted(below)} for key, (_, below) in sorted(crates.items())]
    moment = datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([root, moment, components]))}",
        "version": 1,
        "metadata": {"timestamp": moment, "component": {**component(own), "type": "application"}},
        "components": components,
        "dependencies": depending,
    }
    return (json.dumps(whole, indent=2) + "\n").encode()


def linked(root, nodes):
    """Everything that is linked in, or that builds what is."""
    found, ahead = set(), [root]
    while ahead:
        crate = ahead.pop()
        if crate not in found:
            found.add(crate)
            ahead += below_of(nodes[crate])
    return found


def below_of(node):
    """What it depends on, but for its tests."""
    return [found["pkg"] for found in node["deps"] if any(kind["kind"] != "dev" for kind in found["dep_kinds"])]


def component(crate):
    described = {
        "type": "library",
        "bom-ref": reference(crate),
        "name": crate["name"],
        "version": crate["version"],
        "purl": reference(crate),
    }
    if crate["license"]:
        described["licenses"] = [{"expression": crate["license"].replace("/", " OR ")}]
    checksum = CHECKSUMS.get((crate["name"], crate["version"]))
    if checksum:
        described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return described


def reference(crate):
    return f"pkg:cargo/{crate['name']}@{crate['version']}"


CHECKSUMS = {
    (name, version): checksum
    for name, version, checksum in re.findall(
        r'name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"', (REPOSITORY / "Cargo.lock").read_text()
    )
}
