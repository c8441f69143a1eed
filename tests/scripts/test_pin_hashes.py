"""Digests and sizes get into the catalog, and what does not answer is named."""

import hashlib
import json

import pytest
from weights.fetching import BODY, SHA256, WRONG, archive
from weights.scripted_server import Answer

from keras_classic_cnns.weights import catalog

CATALOG = """{
 "preprocessing": {},
 "models": {
  "resnet20": [
%s
  ]
 }
}
"""
ENTRY = """   {{"tag": "{tag}", "format": "torch", "key_map": "resnet",
    "file": {file},
    "megabytes": 3.07, "licence": "MIT", "source": "nobody",  "top1":   71.0}}"""


@pytest.fixture(scope="module")
def script(load_script):
    return load_script("pin_hashes")


@pytest.fixture
def run(script, tmp_path, cache_folder, capsys):
    """`run(files, *words)` writes a catalog of these files and runs the script on it.

    Returns the exit code, what was printed and the catalog.
    """
    path = tmp_path / "catalog.json"

    def run(files, *words):
        if files is not None:
            rows = ",\n".join(
                ENTRY.format(tag=f"t{i}", file=script._written(f)) for i, f in enumerate(files)
            )
            path.write_text(CATALOG % rows)
        code = script.main([f"--catalog={path}", *words])
        return code, capsys.readouterr().out, path.read_text()

    return run


def file(url, name="net.pth", **fields):
    return {"name": name, "urls": [url] if isinstance(url, str) else url, **fields}


def files_of(text):
    return [row["file"] for row in json.loads(text)["models"]["resnet20"]]


def test_the_catalog_is_written_as_it_is(script):
    """What was not changed keeps every byte."""
    text = catalog.CATALOG.read_text(encoding="utf-8")
    for rows in json.loads(text)["models"].values():
        for row in rows:
            assert text.count(f'"file": {script._written(row["file"])}') >= 1


def test_what_is_missing_is_filled_and_nothing_else(run, server):
    url = server.answer("/net", Answer(BODY))
    known = file("http://127.0.0.1:9/other", "other.pth", digest=str(SHA256), size=len(BODY))
    weak = file("http://127.0.0.1:9/weak", "weak.pth", digest="md5:" + "0" * 32, size=4)
    files = [known, file(url), weak, file(url)]
    code, out, text = run(files)
    assert (code, out.splitlines()[-1]) == (0, "1 files, 0 wrong")
    pinned = {"digest": str(SHA256), "size": len(BODY)}
    assert files_of(text) == [known, file(url, **pinned), weak, file(url, **pinned)]
    before = text.replace(f',\n     "digest": "{SHA256}", "size": {len(BODY)}}}', "}", 3)
    assert before.count("digest") == 1 and '"source": "nobody",  "top1":   71.0' in text
    assert run(None) == (0, "Nothing is missing.\n", text)
    assert len(server.gets("/net")) == 1


def test_a_size_is_asked_where_the_digest_is_known(run, server, cache_folder):
    url = server.answer("/net", Answer(BODY, ranges=True))
    code, out, text = run([file(url, digest=str(SHA256))])
    assert (code, files_of(text)) == (0, [file(url, digest=str(SHA256), size=len(BODY))])
    assert "size 3072000" in out and not cache_folder.exists()


def test_servers_that_disagree_give_no_size(run, server):
    urls = [server.answer("/a", Answer(BODY)), server.answer("/b", Answer(BODY[:-9]))]
    code, out, text = run([file(urls, digest=str(SHA256))])
    assert code == 1 and "size" not in files_of(text)[0]
    assert "its urls name no size, or different ones: {" in out and "3071991" in out


def test_all_replaces_weaker_digests_after_they_were_verified(run, server):
    url = server.answer("/net", Answer(BODY))
    md5 = file(url, digest="md5:" + hashlib.md5(BODY).hexdigest(), size=len(BODY))
    assert run([md5])[1] == "Nothing is missing.\n"
    code, _, text = run([md5], "--all")
    assert (code, files_of(text)) == (0, [{**md5, "digest": str(SHA256)}])


def test_the_member_of_an_archive_is_what_is_hashed(run, server):
    url = server.answer("/net", Answer(archive(**{"net.pth": BODY})))
    code, _, text = run([file(url, digest=str(SHA256), member="net.pth")])
    expected = file(url, digest=str(SHA256), size=len(BODY), member="net.pth")
    assert (code, files_of(text)) == (0, [expected])


def test_wrong_bytes_are_named_and_not_written_and_the_rest_is(run, server):
    wrong, right = server.answer("/wrong", Answer(WRONG)), server.answer("/right", Answer(BODY))
    files = [file(wrong, digest=f"sha256_prefix:{SHA256.value[:8]}"), file(right, "b.pth")]
    code, out, text = run(files, "--all")
    assert code == 1
    assert out.count("WRONG  ") == 1 and f"expected sha256_prefix:{SHA256.value[:8]}" in out
    assert out.splitlines()[-1] == "2 files, 1 wrong"
    assert files_of(text) == [files[0], {**files[1], "digest": str(SHA256), "size": len(BODY)}]


def test_a_run_that_was_stopped_goes_on(run, script, server, monkeypatch):
    urls = [server.answer(f"/{name}", Answer(BODY)) for name in "ab"]
    files = [file(urls[0], "a.pth"), file(urls[1], "b.pth")]
    with monkeypatch.context() as patch:
        fetch = script.store.fetch

        def stop_at_b(wanted):
            if wanted.name == "b.pth":
                raise KeyboardInterrupt
            return fetch(wanted)

        patch.setattr(script.store, "fetch", stop_at_b)
        code, _, text = run(files)
    assert (code, ["digest" in f for f in files_of(text)]) == (130, [True, False])
    code, _, text = run(None)
    assert (code, ["digest" in f for f in files_of(text)]) == (0, [True, True])
    assert len(server.gets("/a")) == 1


def test_checking_asks_every_url_once_and_writes_nothing(run, server, cache_folder):
    good = server.answer("/good", Answer(BODY))
    there = server.answer("/there", Answer(b"", 302, {"Location": good}))
    packed = server.answer("/packed", Answer(archive(**{"net.pth": BODY})))
    silent = server.answer("/silent", Answer(BODY, headers={"Content-Length": None}))
    files = [file([good, there], size=len(BODY)), file(packed, member="net.pth"), file(silent)]
    code, out, text = run([*files, file(good)], "--check_only")
    assert (code, files_of(text)) == (0, [*files, file(good)])
    rows = out.splitlines()
    assert [row[:5] for row in rows[:-1]] == ["ok   "] * 4 and rows[-1] == "4 urls, 0 wrong"
    assert rows[0] == f"ok     resnet20/t0  {good}  {len(BODY)} bytes"
    assert rows[3].endswith("answers, and names no size")
    assert not cache_folder.exists()


@pytest.mark.parametrize(
    "answer, fields, problem",
    [
        (Answer(b"", 404), {}, "HTTP 404 Not Found"),
        (Answer(b"", 503), {}, "HTTP 503 Service Unavailable (3 tries)"),
        (Answer(BODY), {"size": 7}, "3072000 bytes, expected 7"),
        (Answer(BODY[:-99999]), {}, "2972001 bytes, expected about 3.07 MB"),
        (
            Answer(BODY, headers={"X-Linked-ETag": f'"{"ab" * 32}"'}),
            {"digest": "sha256_prefix:abababac"},
            f"sha256:{'ab' * 32}, expected sha256_prefix:abababac",
        ),
        (Answer(b"", 302, {"Location": "/a" * 9}), {}, "HTTP 404 Not Found"),
    ],
    ids=["absent", "broken", "size", "about", "sha256", "redirect"],
)
def test_checking_fails_where_one_url_is_wrong(run, server, answer, fields, problem):
    good, bad = server.answer("/good", Answer(BODY)), server.answer("/bad", answer)
    code, out, _ = run([file(good), file(bad, "b.pth", **fields)], "--check_only")
    assert (code, out.splitlines()[-1]) == (1, "2 urls, 1 wrong")
    assert f"WRONG  resnet20/t1  {bad}  {problem}\n" in out


def test_a_url_that_answers_at_the_second_try_is_fine(run, server):
    url = server.answer("/net", Answer(b"", 503), Answer(BODY))
    assert run([file(url)], "--check_only")[0] == 0


def test_hugging_face_is_asked_at_its_mirror_with_the_token(run, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", "secret")
    server.answer("/net", Answer(BODY, headers={"X-Linked-ETag": SHA256.value}))
    url = "https://huggingface.co/net"
    assert run([file(url, digest=str(SHA256))], "--check_only")[0] == 0
    assert server.gets("/net")[0]["Authorization"] == "Bearer secret"


def test_offline_nothing_is_asked(run, server, monkeypatch):
    monkeypatch.setenv("KCC_OFFLINE", "1")
    url = server.answer("/net", Answer(BODY))
    for words in ((), ("--check_only",)):
        code, out, _ = run([file(url)], *words)
        assert code == 1 and "since KCC_OFFLINE forbids the network" in out
    assert server.gets("/net") == []


def test_a_pattern_chooses(run, server):
    url = server.answer("/net", Answer(BODY))
    files = [file(url, "a.pth"), file(url, "b.pth")]
    code, out, text = run(files, "--only=*/t1")
    assert code == 0 and ["digest" in f for f in files_of(text)] == [False, True]


def test_errors_are_one_message(script, tmp_path, capsys):
    path = tmp_path / "catalog.json"
    path.write_text("{")
    for words, code, message in (
        (["--only=["], 1, "Expecting property name"),
        (["--nonsense"], 2, "nonsense"),
        (["--only="], 2, "`only` must not be empty. Received: only=''"),
        ([f"--catalog={tmp_path / 'none.json'}"], 1, "No such file"),
    ):
        assert script.main([f"--catalog={path}", *words]) == code
        shown = capsys.readouterr().err
        assert shown.count("pin_hashes.py: ") == 1 and message in shown
        assert "Traceback" not in shown


def test_no_entry_that_matches_is_an_error(script, capsys):
    assert script.main(["--check_only", "--only=vgg99*"]) == 1
    assert capsys.readouterr().err.endswith("Received: only='vgg99*'\n")


def test_help_names_the_flags(script, capsys):
    assert script.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: pin_hashes.py [flags]") and "--[no]check_only" in out
