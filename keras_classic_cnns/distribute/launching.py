"""Starts the workers of a run on this machine, and starts all again where one of them is killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.distribute.cluster import VARIABLE, Cluster

GRACE_S = 20.0  # for the others to notice that a worker has ended, say so, and end themselves
_POLL_S = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How workers end because another one has: TensorFlow aborts some that wait for it.
_CONSEQUENCES = (errors.LostWorkerError.exit_code, -signal.SIGABRT)


def launch(
    command: Sequence[str],
    workers: int,
    *,
    max_restarts: int = 3,
    port: int | None = None,
    grace_s: float = GRACE_S,
) -> int:
    """Runs one command in several processes that train together, and waits for them.

    Each finds the others by `TF_CONFIG`, on 127.0.0.1. What they print comes out line by line, with
    the number of the worker before it. SIGINT and SIGTERM are passed on to all.

    Where a worker is killed by a signal, out of memory say, all are started again, and a run of
    `train` goes on from its checkpoints. A worker that ends with an error of its own would do so
    again, so that it ends them all.

    Args:
        command: The program and its arguments.
        workers: The number of processes, at least 1.
        max_restarts: How often all may be started again, at least 0.
        port: Of the first worker; the others have the next ones. `None` takes free ones.
        grace_s: How long the others have to end by themselves, in seconds, before they are killed.

    Returns:
        0 where all ended well, else the exit code of the first worker that failed by itself: 128
        plus the number of the signal where one killed it.

    Raises:
        ValueError: A number is out of range.
        OSError: The program cannot be started.

    Example:
        >>> launch([sys.executable, "-c", "raise SystemExit(3)"], workers=1)
        3
    """
    validate.positive_int("workers", workers)
    validate.integer("max_restarts", max_restarts, minimum=0)
    with _passing_signals_on() as team:
        for restarts in range(max_restarts + 1):
            code = _run_once(command, _addresses(workers, port), team, grace_s)
            was_killed = code < 0 or code == errors.LostWorkerError.exit_code
            if not was_killed or team.signals or restarts == max_restarts:
                break
            _say(f"starting all workers again ({restarts + 1} of {max_restarts} times)")
    return code if code >= 0 else 128 - code


class _Team:
    """The processes that run now, and the signals that came for them."""

    def __init__(self):
        self.processes: list[subprocess.Popen] = []
        self.signals: list[int] = []

    def send(self, number: int) -> None:
        """Sends all a signal; each leads a group, for what it has started itself."""
        for process in self.processes:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)

    def pass_on(self, number: int, frame: Any) -> None:
        """A handler of signals."""
        self.signals.append(number)
        self.send(number)


@contextlib.contextmanager
def _passing_signals_on() -> Iterator[_Team]:
    team, before = _Team(), {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, team.pass_on) for number in _SIGNALS}
    try:
        yield team
    finally:
        team.send(signal.SIGKILL)
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_once(command: Sequence[str], addresses: Sequence[str], team: _Team, grace_s: float) -> int:
    """Runs all workers to their end; returns the exit code that tells how it went."""
    team.processes, printers = [], []
    for index in range(len(addresses)):
        if team.signals:
            break
        environment = {
            **os.environ,
            VARIABLE: Cluster(tuple(addresses), index).as_json(),
            "PYTHONUNBUFFERED": "1",
        }
        process = subprocess.Popen(
            list(command),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C comes to this process alone, which passes it on
        )
        team.processes.append(process)
        printers.append(threading.Thread(target=_print, args=(index, process), daemon=True))
        printers[-1].start()
    if not team.processes:
        return 128 + team.signals[0]
    if team.signals:  # the newest process was not in the list yet when the signal was passed on
        team.send(team.signals[0])
    codes = _wait(team, grace_s)
    for printer in printers:
        printer.join(timeout=1.0)  # what a worker has started may hold its output open
    return _telling(codes)


def _wait(team: _Team, grace_s: float) -> list[int]:
    """Waits until all have ended by themselves or were given up.

    Returns:
        The exit codes of those that ended by themselves, in that order.
    """
    codes: dict[int, int] = {}
    end = None
    while len(codes) < len(team.processes) and (end is None or time.monotonic() < end):
        time.sleep(_POLL_S)
        for index, process in enumerate(team.processes):
            code = process.poll()
            if code is None or index in codes:
                continue
            codes[index] = code
            if code:
                if not team.signals:
                    _say(f"worker {index} {_ended(code)}")
                end = end or time.monotonic() + grace_s
    team.send(signal.SIGKILL)
    for process in team.processes:
        process.wait()
    return list(codes.values())


def _telling(codes: Sequence[int]) -> int:
    """The first failure that is not the consequence of another one."""
    failures = [code for code in codes if code]
    causes = [code for code in failures if code not in _CONSEQUENCES]
    return (causes or failures or [0])[0]


def _ended(code: int) -> str:
    if code == errors.LostWorkerError.exit_code:
        return "has lost another worker"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _addresses(workers: int, port: int | None) -> list[str]:
    ports = free_ports(workers) if port is None else range(port, port + workers)
    return [f"127.0.0.1:{number}" for number in ports]


def free_ports(count: int) -> list[int]:
    """Ports of this machine that no process listens on.

    Args:
        count: How many.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _print(index: int, process: subprocess.Popen) -> None:
    with process.stdout:
        for line in process.stdout:
            sys.stdout.write(f"[{index}] {line}")
            sys.stdout.flush()


def _say(text: str) -> None:
    print(f"launch: {text}", file=sys.stderr, flush=True)
