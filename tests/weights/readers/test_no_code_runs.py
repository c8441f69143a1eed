"""Files that carry code are refused before anything of it runs, wherever in a file it is."""

import io
import pickle
import struct
import sys

import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.weights.readers import read_arrays

HOSTILE_MODULE = "module_that_must_not_be_imported"


@pytest.fixture
def trace(tmp_path, monkeypatch):
    """A file that appears when code of the file runs, and a module that makes it when imported."""
    path = tmp_path / "ran"
    (tmp_path / f"{HOSTILE_MODULE}.py").write_text(f"open({str(path)!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield path
    sys.modules.pop(HOSTILE_MODULE, None)


def name(value):
    return files.text(value)


def payloads(path):
    """Pickles without head and end that make `path`, by what they do it with."""
    command = files.text(f"touch '{path}'")
    code = files.text(f"open({str(path)!r}, 'w').close()")
    system = files.global_("os", "system")
    stacked = name("os") + name("system") + b"\x93"
    mentioned = files.global_(HOSTILE_MODULE, "anything")
    reduce_ex = files.global_("builtins", "eval")
    extension = b"\x82\x01"
    return {
        "global and reduce": system + command + b"\x85R",
        "stack global and reduce": stacked + command + b"\x85R",
        "eval": reduce_ex + code + b"\x85R",
        "exec in a mark": files.global_("builtins", "exec") + b"(" + code + b"tR",
        "inst": b"(" + command + b"ios\nsystem\n",
        "obj": b"(" + system + command + b"o",
        "popen by newobj": files.global_("subprocess", "Popen")
        + files.tuple_(files.tuple_(name("touch"), name(str(path))))
        + b"\x81",
        "popen by newobj_ex": files.global_("subprocess", "Popen")
        + files.tuple_(files.tuple_(name("touch"), name(str(path))))
        + b"}\x92",
        "import": mentioned,
        "import by its parts": name(HOSTILE_MODULE) + name("anything") + b"\x93",
        "dotted name": files.global_("os", "path.os.system") + command + b"\x85R",
        "through a shared memo": system + b"q\x070h\x07" + command + b"\x85R",
        "inside of an ordered dict": files.global_("collections", "OrderedDict")
        + b"]("
        + name("a")
        + system
        + command
        + b"\x85R\x86e\x85R",
        "state": files.ORDERED_DICT + b"}" + name("a") + system + command + b"\x85Rsb",
        "persistent id": b"(" + name("storage") + system + command + b"\x85RtQ",
        "module in a persistent id": b"(" + name("module") + mentioned + b"tQ",
        "torch's own loader": files.global_("torch.storage", "_load_from_bytes")
        + files.text("x")
        + b"\x85R",
        "extension": extension + command + b"\x85R",
        "getattr": files.global_("builtins", "getattr") + system + name("x") + b"\x86R",
    }


# Which of them Python's own unpickler runs; the others name what is not here, or need its help
RUN_BY_PICKLE = [
    *("global and reduce", "stack global and reduce", "eval", "exec in a mark", "inst", "obj"),
    *("import", "import by its parts", "dotted name", "through a shared memo"),
    *("inside of an ordered dict", "state", "persistent id", "module in a persistent id"),
]
NAMES = list(payloads("x"))


class Permissive(pickle.Unpickler):
    def persistent_load(self, identity):
        return identity


@pytest.mark.parametrize("kind", RUN_BY_PICKLE)
def test_the_payloads_do_run_in_python_s_unpickler(trace, kind):
    content = b"\x80\x04" + payloads(trace)[kind] + b"."
    try:
        Permissive(io.BytesIO(content)).load()
    except AttributeError:
        pass  # the module is imported before it turns out not to have the name
    assert trace.exists()


def hidden(payload):
    """Files that have the payload somewhere, in both formats of torch."""
    whole = b"\x80\x04" + payload + b"."
    value = files.state_dict(good=files.tensor(view=files.NONE), bad=payload)
    later = files.state_dict(good=files.tensor(), bad=payload)
    key = b"\x80\x02" + files.ORDERED_DICT + b"(" + payload + b"Nu."
    storages, counts = {"0": bytes(24)}, {"0": 6}
    yield "zip, whole", files.torch_zip(whole, storages)
    yield "zip, a value", files.torch_zip(later, storages)
    yield "zip, a key", files.torch_zip(key, storages)
    yield "zip in a zip", files.archive({"net.pth": files.torch_zip(later, storages)})
    yield "legacy, a value", files.torch_legacy(value, storages, counts)
    for index in range(3):
        head = [files.MAGIC, files.PROTOCOL, files.SYSTEM]
        head[index] = whole
        yield f"legacy, pickle {index}", files.torch_legacy(value, storages, counts, head)
    good = files.state_dict(good=files.tensor(view=files.NONE))
    start = files.MAGIC + files.PROTOCOL + files.SYSTEM
    yield "legacy, whole", start + whole
    yield "legacy, keys", start + good + whole + struct.pack("<q", 6) + bytes(24)
    yield "a pickle", whole


@pytest.mark.parametrize("kind", NAMES)
def test_nothing_of_a_payload_runs(tmp_path, trace, kind):
    for place, content in hidden(payloads(trace)[kind]):
        path = tmp_path / "net.pth"
        path.write_bytes(content)
        with pytest.raises(WeightsFileError, match=r"Received: path="):
            read_arrays(path)
        assert not trace.exists(), place
        assert HOSTILE_MODULE not in sys.modules, place


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("global and reduce", "It names 'os.system', beyond what tensors need."),
        ("inst", "It has the operation INST, which no state dict needs."),
        ("obj", "It names 'os.system'"),
        ("extension", "It has the operation EXT1, which no state dict needs."),
        ("torch's own loader", "It names 'torch.storage._load_from_bytes'"),
        ("dotted name", "It names 'os.path.os.system'"),
    ],
)
def test_the_message_names_what_was_refused(refused, trace, kind, message):
    for _, content in hidden(payloads(trace)[kind]):
        refused(content, message)


@pytest.mark.parametrize("function", ["_rebuild_tensor_v2", "_rebuild_parameter"])
@pytest.mark.parametrize("operation", [b"}b", b"}N\x86b", b")\x81", b")}\x92"])
def test_what_may_be_called_may_not_be_changed(refused, function, operation):
    value = files.global_("torch._utils", function) + operation
    content = files.torch_zip(files.state_dict(w=value), {})
    refused(content, "The weights file cannot be read.")


def test_a_file_does_not_import_torch(read):
    before = set(sys.modules)
    read(files.torch_zip(files.state_dict(w=files.tensor()), {"0": bytes(24)}))
    assert not {name for name in set(sys.modules) - before if name.startswith("torch")}
