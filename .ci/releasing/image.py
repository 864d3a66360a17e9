"""The container, made from its context by buildah, which needs neither a service nor the network for it."""

import shutil
import subprocess
import tempfile
from pathlib import Path


def faults(context, platforms, run, version):
    """What is wrong with the image of each platform; those of `run` are also started."""
    with tempfile.TemporaryDirectory(prefix="helm-clas-image-") as folder:
        place = Path(folder) / "context.tar.gz"
        place.write_bytes(context)
        # the driver and the isolation that need nothing of the machine
        store = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]
        shutil.unpack_archive(place, f"{folder}/context")
        for platform in platforms:
            asked = ["--isolation", "chroot", "--platform", platform, "--tag", "helm-clas", f"{folder}/context"]
            built = buildah(store, "bud", *asked)
            if built.returncode != 0:
                yield f"the container for {platform}: {last_line(built)}"
            elif platform in run:
                container = buildah(store, "from", "helm-clas").stdout.strip()
                ran = buildah(store, "run", "--isolation", "chroot", container, "--", "/helm-clas", "version")
                if not ran.stdout.startswith(f"helm-clas {version}"):
                    yield f"the container for {platform} does not run: {last_line(ran)}"
        # its files belong to it alone, also those that it made for the user of the image
        buildah(store, "rm", "--all")
        buildah(store, "rmi", "--all", "--force")


def buildah(store, *words):
    return subprocess.run(["buildah", *store, *words], capture_output=True, text=True)


def last_line(ran):
    return (ran.stderr.strip() or "no reason was given").splitlines()[-1]
