"""Archives that are the same bytes whenever they hold the same: in order, owned by root, all of one time."""

import gzip
import io
import tarfile
import time
import zipfile

FILE, PROGRAM = 0o644, 0o755


def tar(files, epoch):
    """A `.tar.gz` of these: name -> (mode, bytes). Without entries for folders, since Helm 3 takes them for files."""
    whole = io.BytesIO()
    with gzip.GzipFile(fileobj=whole, mode="wb", filename="", mtime=epoch) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name, (mode, content) in sorted(files.items()):
                entry = tarfile.TarInfo(name)
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
