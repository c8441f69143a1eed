"""Starts worker processes on this machine, and leaves none behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from keras_classic_cnns.distribute.launching import free_ports

ROOT = Path(__file__).parents[2]
SHUTDOWN_S = 30  # the others may take that long to notice that one has failed


def run_workers(count: int, script: Path, *arguments: str, folder: Path, timeout_s: float) -> None:
    """Runs one script in several processes that know each other, and waits for all.

    Args:
        count: The number of processes.
        script: Python source.
        *arguments: Given to it.
        folder: Where each writes `log-0.txt` and so on.
        timeout_s: All are killed after that many seconds.
    """
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    with contextlib.ExitStack() as stack:
        logs = [stack.enter_context(open(folder / f"log-{i}.txt", "w")) for i in range(count)]
        processes = []
        stack.callback(_kill, processes)
        for index, log in enumerate(logs):
            command = [sys.executable, str(script), *map(str, arguments)]
            environment = _environment(addresses, index)
            processes.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        codes = _wait(processes, timeout_s)
    texts = [(folder / f"log-{i}.txt").read_text()[-3000:] for i in range(count)]
    assert codes == [0] * count, "\n".join([f"exit codes {codes}", *texts])


def _environment(addresses: list[str], index: int) -> dict[str, str]:
    task = {"type": "worker", "index": index}
    config = json.dumps({"cluster": {"worker": addresses}, "task": task})
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "TF_CONFIG": config, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "-1"}


def _wait(processes: list[subprocess.Popen], timeout_s: float) -> list[int | None]:
    """The exit codes; `None` of those that had not ended in time."""
    end, has_failed = time.monotonic() + timeout_s, False
    while time.monotonic() < end and any(process.poll() is None for process in processes):
        if not has_failed and any(process.poll() for process in processes):
            has_failed = True
            end = min(end, time.monotonic() + SHUTDOWN_S)
        time.sleep(0.1)
    return [process.poll() for process in processes]


def _kill(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
