"""The program for each target: built, and looked at before it is packed."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent

# The linker and C compiler for all targets is zig. On another machine than Linux on x86-64, pip refuses these hashes:
# add its own.
TOOLS = """\
cargo-zigbuild==0.24.1 --hash=sha256:238a1ab54a95053a4eadc34775c81f795a8ad75f80bfed63f3f445f518102375
ziglang==0.17.1 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54
"""


@dataclass(frozen=True)
class Target:
    """A kind of machine."""

    triple: str
    system: str  # as Helm and Go call it
    processor: str
    wheels: str  # the tag of a wheel for it
    magic: bytes  # how a program for it begins

    @property
    def program(self):
        return "helm-clas.exe" if self.system == "windows" else "helm-clas"


# The Linux programs are static, so they run beside any C library, glibc's and musl's.
TARGETS = [
    Target("x86_64-unknown-linux-musl", "linux", "amd64",
           "manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64", b"\x7fELF\x02"),
    Target("aarch64-unknown-linux-musl", "linux", "arm64",
           "manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64", b"\x7fELF\x02"),
    Target("x86_64-apple-darwin", "darwin", "amd64", "macosx_10_12_x86_64", b"\xcf\xfa\xed\xfe\x07\x00\x00\x01"),
    Target("aarch64-apple-darwin", "darwin", "arm64", "macosx_11_0_arm64", b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01"),
    Target("x86_64-pc-windows-gnu", "windows", "amd64", "win_amd64", b"MZ"),
]


class Unbuilt(Exception):
    """A target that this machine cannot build, and why."""


def told_by(*command):
    """What a command prints."""
    return subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.strip()


class Builder:
    """Builds with cargo and zig, for a release of this commit."""

    def __init__(self, commit, date):
        self.folder = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target").absolute()
        self.tools = self.folder / "tools" / "release"
        self.home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
        self.named = {"HELM_CLAS_COMMIT": commit, "HELM_CLAS_COMMIT_DATE": date} if commit else {}

    def build(self, target):
        """The program for this target, as the profile `dist` has it."""
        self.fetch_tools()
        if subprocess.run(["rustup", "--quiet", "target", "add", target.triple], cwd=REPOSITORY).returncode != 0:
            raise Unbuilt("rustup has no standard library for it")
        command = ["cargo", "zigbuild", "--locked", "--profile", "dist", "--bin", "helm-clas", "--target", target.triple]
        if subprocess.run(command, cwd=REPOSITORY, env=self.environment(target)).returncode != 0:
            raise Unbuilt("cargo could not build it")
        return self.folder / target.triple / "dist" / target.program

    def environment(self, target):
        flags = self.flags(target)
        path = os.pathsep.join([str(self.tools / "bin"), os.environ["PATH"]])
        environment = {**os.environ, **self.named, "PATH": path, "CARGO_TARGET_DIR": str(self.folder)}
        environment.pop("RUSTFLAGS", None)
        return {**environment, "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags)}

    def flags(self, target):
        """Takes the paths of this machine out of the program, and shows where the Mac's frameworks are."""
        away = {REPOSITORY: "helm-clas", self.home / "registry" / "src": "crates", self.home: "cargo"}
        flags = [f"--remap-path-prefix={path}={name}" for path, name in away.items()]
        if target.system == "darwin":
            flags.append(f"-Clink-arg=-F{frameworks(self.folder)}")
        return flags

    def fetch_tools(self):
        wanted = TOOLS
        done = self.tools / "wanted.txt"
        if done.exists() and done.read_text() == wanted:
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", self.tools], check=True)
        draft = self.tools / "draft.txt"
        draft.write_text(wanted)
        pip = [self.tools / "bin" / "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", draft], check=True)
        draft.rename(done)


# The Mac's own frameworks, and the crates that declare what the program calls in them. The libraries are on every Mac; to
# link, their names are enough, so no SDK of Apple's is needed.
FRAMEWORKS = {"CoreFoundation": "core-foundation-sys", "Security": "security-framework-sys"}


def frameworks(folder):
    """A folder of frameworks that hold names alone, as the linker reads them."""
    told = json.loads(told_by("cargo", "metadata", "--locked", "--format-version", "1"))
    crates = {crate["name"]: Path(crate["manifest_path"]).parent for crate in told["packages"]}
    place = folder / "tools" / "frameworks"
    for name, crate in FRAMEWORKS.items():
        sources = "".join(file.read_text() for file in sorted((crates[crate] / "src").rglob("*.rs")))
        declared = sorted(set(re.findall(r"pub (?:fn|static) (\w+)", sources)))
        stub = place / f"{name}.framework" / f"{name}.tbd"
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\n"
            f"install-name: '/System/Library/Frameworks/{name}.framework/Versions/A/{name}'\n"
            "exports:\n  - targets: [ x86_64-macos, arm64-macos ]\n"
            f"    symbols: [ {', '.join('_' + symbol for symbol in declared)} ]\n...\n"
        )
    return place


def faults(target, program, version):
    """What is wrong with a program that is about to be packed."""
    content = program.read_bytes()
    if not content.startswith(target.magic):
        yield f"it is not a program for {target.triple}"
    for place in {str(Path.home()), str(REPOSITORY), tempfile.gettempdir() + "/"} - {"/"}:
        if place.encode() in content:
            yield f"it holds the path {place} of this machine"
    if target.system == "linux" and asks_for_a_loader(content):
        yield "it is not static"
    runner = runner_of(target)
    if runner is not None:
        said = subprocess.run([*runner, program, "version"], capture_output=True, text=True).stdout
        if not re.match(re.escape(f"helm-clas {version}") + r"( .*)?\r?\n", said):
            yield f"it says that it is `{said.strip()}`"


def asks_for_a_loader(content):
    """Whether an ELF file of 64 bits has a segment PT_INTERP."""
    start, size, count = (int.from_bytes(content[at : at + length], "little")
                          for at, length in ((32, 8), (54, 2), (56, 2)))
    kinds = (content[start + size * number : start + size * number + 4] for number in range(count))
    return any(int.from_bytes(kind, "little") == 3 for kind in kinds)


# What runs a program for another machine, where it is installed. Wine before version 9 lacks a library that each program
# of Rust asks for (bcryptprimitives.dll), so Windows is not among them.
EMULATORS = {("linux", "arm64"): "qemu-aarch64-static", ("linux", "amd64"): "qemu-x86_64-static"}


def runner_of(target):
    """The words before a program that run it on this machine, none where it runs as it is; None if nothing runs it."""
    machine = (target.system, target.processor)
    if machine == own():
        return []
    emulator = shutil.which(EMULATORS.get(machine, "")) if own()[0] == "linux" else None
    return [emulator] if emulator else None


def own():
    """This machine, as Helm calls it."""
    processors = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
    return platform.system().lower(), processors.get(platform.machine(), platform.machine())
