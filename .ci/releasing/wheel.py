"""Wheels for pip: the program, as `maturin` with `bindings = bin` lays it out, of the very bytes of the other archives."""

import base64
import hashlib
import re

from . import archive
from .program import REPOSITORY


def name(target, version):
    # the tags of a name are sorted, as pip spells them
    return f"helm_clas-{version}-py3-none-{target.wheels}.whl"


def wheel(target, program, version, epoch):
    """A wheel for this target."""
    about = f"helm_clas-{version}.dist-info"
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in target.wheels.split("."))
    files = {
        f"helm_clas-{version}.data/scripts/{target.program}": (archive.PROGRAM, program),
        f"{about}/licenses/LICENSE": (archive.FILE, (REPOSITORY / "LICENSE").read_bytes()),
        f"{about}/METADATA": (archive.FILE, metadata(version).encode()),
        f"{about}/WHEEL": (archive.FILE, f"Wheel-Version: 1.0\nGenerator: helm-clas\nRoot-Is-Purelib: false\n{tags}".encode()),
    }
    rows = [f"{path},sha256={digest(content)},{len(content)}\n" for path, (_, content) in files.items()]
    record = "".join([*rows, f"{about}/RECORD,,\n"])
    return archive.zip_of({**files, f"{about}/RECORD": (archive.FILE, record.encode())}, epoch)


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def metadata(version):
    manifest = (REPOSITORY / "Cargo.toml").read_text()
    summary = re.search(r'^description = "(.*)"$', manifest, re.MULTILINE)[1]
    return (
        f"Metadata-Version: 2.4\nName: helm-clas\nVersion: {version}\nSummary: {summary}\n"
        "License-Expression: Apache-2.0\nLicense-File: LICENSE\nRequires-Python: >=3.8\n"
        "Description-Content-Type: text/markdown\n\n" + (REPOSITORY / "README.md").read_text()
    )
