"""A file to fetch, right and wrong, and what tests of fetching say in a word."""

import hashlib
import io
import zipfile

from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.remote import RemoteFile
from keras_classic_cnns.weights.store import fetch

BODY = bytes(range(256)) * 12_000  # 3 MB, so that it comes in several chunks
WRONG = b"\1" + BODY[1:]
SIZE = len(BODY)
SHA256 = Digest("sha256", hashlib.sha256(BODY).hexdigest())


def remote(*urls, digest=SHA256, size=SIZE, **fields):
    return RemoteFile("net.pth", urls, digest, size, **fields)


def get(file):
    return fetch(file, progress=False)


def kept(folder):
    """The files of the cache, but for the lock."""
    return {path.name for path in folder.iterdir()} - {".net.pth.lock"}


def archive(packing="DEFLATED", **members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", getattr(zipfile, f"ZIP_{packing}")) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return buffer.getvalue()
