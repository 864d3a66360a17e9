"""What pip builds of a checkout: an empty wheel that requires the real one, helm-clas of the checkout's version.

pip finds that one in its index, or where PIP_INDEX_URL, PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS say. It needs nothing to be
built here, so it needs nothing to build with.
"""

import os
import re
import zipfile

NAME = "helm_clas_of_this_checkout"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Called by pip in the checkout; see PEP 517."""
    with open("plugin.yaml", encoding="utf-8") as manifest:
        version = re.search(r"^version: *(\S+)$", manifest.read(), re.MULTILINE)[1]
    about = f"{NAME}-{version}.dist-info"
    files = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nRequires-Dist: helm-clas=={version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: helm-clas\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    wheel = f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel
