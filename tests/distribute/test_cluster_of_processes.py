"""Worker processes of tests end in time, whatever they do."""

import os
import time

import pytest
from distribute.cluster_of_processes import run_workers

HANGS = """
import os, sys, time
open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
time.sleep(60)
"""


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_that_hang_are_killed(tmp_path):
    (tmp_path / "pids").mkdir()
    script = tmp_path / "hangs.py"
    script.write_text(HANGS)
    started = time.monotonic()
    with pytest.raises(AssertionError, match=r"exit codes \[None, None\]"):
        run_workers(2, script, tmp_path / "pids", folder=tmp_path, timeout_s=2)
    assert time.monotonic() - started < 20
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert len(pids) == 2
    assert not any(map(is_alive, pids))
