"""Signatures by a key of GnuPG's: of Helm's form beside a plugin, and of the list of hashes."""

import subprocess

from . import plugin


class Signer:
    """A key of a keyring: the home of a GnuPG, and whose key it is."""

    def __init__(self, home, name):
        self.gpg = ["gpg", "--homedir", home, "--batch", "--yes", "--local-user", name, "--digest-algo", "SHA512"]

    def provenance(self, archive, sha256):
        """The `.prov` that Helm 4 looks for beside the archive of this name. Helm only writes one for names of its own."""
        text = f"{plugin.metadata()}\n...\nfiles:\n  {archive}: sha256:{sha256}\n"
        return self.signed(["--clearsign"], text.encode())

    def detached(self, content):
        return self.signed(["--armor", "--detach-sign"], content)

    def signed(self, how, content):
        signed = subprocess.run([*self.gpg, *how], input=content, capture_output=True)
        if signed.returncode != 0:
            raise SystemExit(f"error: gpg could not sign: {signed.stderr.decode().strip()}")
        return signed.stdout
