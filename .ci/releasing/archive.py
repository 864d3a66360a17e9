"""Archives that are the same bytes whenever they hold the same: in order, owned by root, all of one time."""

import gzip
import io
import tarfile
import time
import zipfile
from pathlib import PurePosixPath

FILE, PROGRAM = 0o644, 0o755


def tar(files, epoch):
    """A `.tar.gz` of these: name -> (mode, bytes). Each folder has an entry, without which Helm 3 cannot unpack it."""
    whole = io.BytesIO()
    folders = {str(folder) for name in files for folder in list(PurePosixPath(name).parents)[:-1]}
    with gzip.GzipFile(fileobj=whole, mode="wb", filename="", mtime=epoch) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name in sorted({*files, *folders}):
                mode, content = files.get(name, (PROGRAM, b""))
                entry = tarfile.TarInfo(name)
                entry.type = tarfile.DIRTYPE if name in folders else tarfile.REGTYPE
                entry.size, entry.mode, entry.mtime = len(content), mode, epoch
                entry.uname = entry.gname = "root"
                archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def zip_of(files, epoch):
    """A `.zip` of the same, in the order that they have. (A zip knows no time before 1980.)"""
    whole = io.BytesIO()
    moment = max(time.gmtime(epoch)[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(whole, "w") as archive:
        for name, (mode, content) in files.items():
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)
    return whole.getvalue()
