"""Workers are started, started again where one is killed, and stopped, all together."""

import os
import signal
import sys
import threading
import time

import pytest

from keras_classic_cnns.distribute import launch, launching, read_cluster

HEAD = """
import json, os, signal, sys, time
index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
folder = sys.argv[1]
starts = len([name for name in os.listdir(folder) if name.startswith(f"{index}-")])
open(os.path.join(folder, f"{index}-{starts}"), "w").close()
"""
# what worker 0 does when worker 1 is gone
WAITS = "time.sleep(0.3); sys.exit(75)"


def run(code, folder, workers=2, **arguments):
    command = [sys.executable, "-c", HEAD + code, str(folder)]
    return launch(command, workers, **{"grace_s": 10.0, **arguments})


def terminate_when_ready(folder):
    """Sends this process SIGTERM when both workers say that they are ready."""

    def send():
        end = time.monotonic() + 60
        while len(list(folder.glob("ready-*"))) < 2:
            if time.monotonic() > end:
                return
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=send, daemon=True).start()


def starts(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_worker_knows_who_it_is_and_its_lines_are_told_apart(tmp_path, capsys):
    assert run('print("tf", os.environ["TF_CONFIG"])', tmp_path, workers=3, port=23456) == 0
    lines = sorted(capsys.readouterr().out.splitlines())
    addresses = tuple(f"127.0.0.1:{port}" for port in (23456, 23457, 23458))
    for index, line in enumerate(lines):
        assert line.startswith(f"[{index}] tf ")
        cluster = read_cluster({"TF_CONFIG": line.removeprefix(f"[{index}] tf ")})
        assert (cluster.addresses, cluster.index) == (addresses, index)
    assert len(lines) == 3


def test_all_are_started_again_where_one_is_killed(tmp_path, capsys):
    code = f"""
if starts == 0:
    if index == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    {WAITS}
"""
    assert run(code, tmp_path) == 0
    assert starts(tmp_path) == ["0-0", "0-1", "1-0", "1-1"]
    told = capsys.readouterr().err
    assert "launch: worker 1 was killed by SIGKILL" in told
    assert "launch: worker 0 has lost another worker" in told
    assert "launch: starting all workers again (1 of 3 times)" in told


def test_that_ends_after_so_many_times(tmp_path):
    code = f"index == 1 and os.kill(os.getpid(), signal.SIGKILL); {WAITS}"
    assert run(code, tmp_path, max_restarts=1) == 128 + signal.SIGKILL
    assert starts(tmp_path) == ["0-0", "0-1", "1-0", "1-1"]


@pytest.mark.parametrize("consequence", ["sys.exit(75)", "os.abort()"])
def test_an_error_of_ones_own_ends_all_whoever_notices_first(consequence, tmp_path, capsys):
    code = f"{consequence} if index == 0 else (time.sleep(0.5), sys.exit(2))"
    assert run(code, tmp_path) == 2
    assert starts(tmp_path) == ["0-0", "1-0"]
    assert "worker 1 ended with code 2" in capsys.readouterr().err


def test_who_does_not_end_with_the_others_is_killed(tmp_path):
    begun = time.monotonic()
    assert run("index or time.sleep(60); sys.exit(3)", tmp_path, grace_s=0.5) == 3
    assert time.monotonic() - begun < 30


def test_signals_are_passed_on_and_nothing_is_started_again(tmp_path):
    code = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
open(os.path.join(folder, f"ready-{index}"), "w").close()
time.sleep(60)
"""

    before = signal.getsignal(signal.SIGTERM)
    terminate_when_ready(tmp_path)
    assert run(code, tmp_path) == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert len(list(tmp_path.glob("?-*"))) == 2


def test_who_ignores_a_signal_is_killed_when_the_others_have_ended(tmp_path):
    code = """
signal.signal(signal.SIGTERM, (lambda *_: sys.exit(143)) if index else signal.SIG_IGN)
open(os.path.join(folder, f"ready-{index}"), "w").close()
time.sleep(120)
"""
    terminate_when_ready(tmp_path)
    begun = time.monotonic()
    assert run(code, tmp_path, grace_s=1.0) == 143
    assert time.monotonic() - begun < 100


def test_after_a_signal_nothing_is_started(tmp_path):
    team = launching._Team()
    team.pass_on(signal.SIGTERM, None)  # between two rounds, say
    command = [sys.executable, "-c", HEAD, str(tmp_path)]
    assert launching._run_once(command, ["127.0.0.1:1"], team, grace_s=1.0) == 143
    assert starts(tmp_path) == []


def test_who_was_just_being_started_is_told_of_a_signal_too(tmp_path, monkeypatch):
    team, real = launching._Team(), launching.subprocess.Popen

    def popen(*arguments, **options):
        process = real(*arguments, **options)
        team.pass_on(signal.SIGTERM, None)
        return process

    monkeypatch.setattr(launching.subprocess, "Popen", popen)
    command = [sys.executable, "-c", "import time; time.sleep(120)"]
    begun = time.monotonic()
    assert launching._run_once(command, ["127.0.0.1:1"] * 2, team, grace_s=1.0) == -signal.SIGTERM
    assert len(team.processes) == 1 and time.monotonic() - begun < 100


def test_wrong_numbers_are_refused():
    with pytest.raises(ValueError, match="`workers` must be at least 1. Received: workers=0"):
        launch(["true"], 0)
    with pytest.raises(ValueError, match="`max_restarts` must be at least 0"):
        launch(["true"], 1, max_restarts=-1)
