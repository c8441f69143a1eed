"""Digests that publishers give, held against bytes."""

import hashlib
import subprocess

import pytest

from keras_classic_cnns.weights.digest import Checksum, Digest, hash_file

# From the standards: FIPS 180-2 for the SHAs, RFC 1321 for MD5, and Git's own name of the file
ABC = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha256_prefix": "ba7816bf",
    "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "md5": "900150983cd24fb0d6963f7d28e17f72",
    "git_blob": "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f",
}


@pytest.mark.parametrize("kind", ABC)
def test_known_digests_of_abc_however_it_comes(kind, tmp_path):
    digest = Digest(kind, ABC[kind])
    checksum = Checksum(digest, 3)
    assert not checksum.matches()
    for letter in (b"a", b"b", b"c"):
        checksum.update(letter)
    (tmp_path / "abc").write_bytes(b"abc")
    for right in (checksum, hash_file(tmp_path / "abc", digest)):
        assert right.matches()
        assert right.sha256 == Digest("sha256", ABC["sha256"])
        prefix = kind.removesuffix("_prefix")
        assert right.received == f"{prefix}:{ABC[prefix]}"
    checksum.update(b"d")
    assert not checksum.matches()


def test_git_agrees(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    try:
        command = ["git", "hash-object", "--no-filters", "file"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    except OSError:
        pytest.skip("git is not installed")
    assert hash_file(tmp_path / "file", Digest("git_blob", run.stdout.strip())).matches()


def test_without_a_digest_everything_matches():
    checksum = Checksum(None)
    checksum.update(b"abc")
    assert checksum.matches()
    assert checksum.received == f"sha256:{ABC['sha256']}"


def test_a_longer_prefix_is_compared_whole():
    checksum = Checksum(Digest("sha256_prefix", ABC["sha256"][:-1]))
    checksum.update(b"abc")
    assert checksum.matches()
    wrong = Checksum(Digest("sha256_prefix", ABC["sha256"][:-2] + "0"))
    wrong.update(b"abc")
    assert not wrong.matches()


def test_a_digest_in_words():
    assert str(Digest("md5", ABC["md5"])) == f"md5:{ABC['md5']}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("sha256", ABC["sha1"]),
        ("sha256", ABC["sha256"].upper()),
        ("sha256", ABC["sha256"] + "\n"),
        ("sha256", ABC["sha256"][:-1] + "\n"),
        ("sha256_prefix", "ba7816b"),
        ("sha256_prefix", ABC["sha256"]),
        ("sha1", "g" * 40),
        ("md5", ""),
    ],
)
def test_what_is_no_digest_is_refused(kind, value):
    with pytest.raises(ValueError, match=r"lower-case hexadecimal digits for .* Received: value="):
        Digest(kind, value)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of 'sha256'.* Received: kind='crc'"):
        Digest("crc", hashlib.md5(b"").hexdigest())
