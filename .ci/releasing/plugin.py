"""Helm plugins with the program in them: nothing is fetched or built, so they have no hook and need no shell."""

import re

from . import archive
from .program import REPOSITORY

# Where the plugin lies in its archive. Helm 4 wants a folder of the archive's name, Helm 3 a manifest beside it and no folder
# above: that second manifest points into the folder.
FOLDER = "clas"


def plugin(programs, epoch):
    """An archive for all of these: target -> the program's bytes."""
    files = {f"{FOLDER}/{place(target)}": (archive.PROGRAM, program) for target, program in programs.items()}
    completion, complete = ((REPOSITORY / name).read_bytes() for name in ("completion.yaml", "plugin.complete"))
    for name in ("LICENSE", "README.md", "CHANGELOG.md"):
        files[f"{FOLDER}/{name}"] = (archive.FILE, (REPOSITORY / name).read_bytes())
    for before, above in ((f"{FOLDER}/", ""), ("", f"{FOLDER}/")):
        files[f"{before}completion.yaml"] = (archive.FILE, completion)
        files[f"{before}plugin.complete"] = (archive.PROGRAM, complete)
        files[f"{before}plugin.yaml"] = (archive.FILE, manifest(programs, above).encode())
    return archive.tar(files, epoch)


def place(target):
    return f"bin/{target.system}-{target.processor}/{target.program}"


def manifest(targets, above):
    """The manifest of the checkout with a command for each machine, and without what comes behind its commands: hooks."""
    text = (REPOSITORY / "plugin.yaml").read_text()
    head, found, _ = text.partition("platformCommand:\n")
    # and without the remark above them
    head = head[:head.rindex("\n#") + 1]
    if not found:
        raise SystemExit("error: plugin.yaml has changed; .ci/releasing/plugin.py cannot tell where its commands begin")
    commands = (
        f"  - os: {target.system}\n    arch: {target.processor}\n    command: $HELM_PLUGIN_DIR/{above}{place(target)}\n"
        for target in targets
    )
    return head + "# Helm fills in $HELM_PLUGIN_DIR last, so blanks in it do no harm.\nplatformCommand:\n" + "".join(commands)


def metadata():
    """What a signature of Helm's says of a plugin: its manifest without comments, commands and hooks."""
    text = (REPOSITORY / "plugin.yaml").read_text()
    return "".join(f"{key}: {value}\n" for key, value in re.findall(r"^(name|version): *(.+)$", text, re.MULTILINE))
