import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from keras_classic_cnns.training.interrupts import Interrupts


def wait_for(interrupts):
    end = time.monotonic() + 5
    while interrupts.received is None and time.monotonic() < end:
        time.sleep(0.01)
    return interrupts.received


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_noted(number, capsys):
    with Interrupts() as interrupts:
        assert interrupts.received is None
        os.kill(os.getpid(), number)
        assert wait_for(interrupts) == number
    assert f"{number.name}: stopping after this batch" in capsys.readouterr().err


def test_afterwards_ctrl_c_is_as_before():
    # a process started in the background of a shell ignores Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupts():
            pass
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_from_outside_of_python_becomes_the_default(monkeypatch):
    """Of such a handler Python tells None, and takes no None back."""
    real, installed = signal.signal, {}

    def install(number, handler):
        installed[number] = handler
        old = real(number, handler)
        return None if len(installed) == 1 else old

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(signal, "signal", install)
    try:
        with Interrupts():
            pass
        assert installed == {signal.SIGINT: signal.SIG_DFL, signal.SIGTERM: before[1]}
    finally:
        real(signal.SIGINT, before[0])
        real(signal.SIGTERM, before[1])


def test_other_signals_are_left_alone():
    seen = []
    old = signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    try:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(0.1)
            assert interrupts.received is None and seen == [1]
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_in_another_thread_it_does_not_listen():
    old, seen = signal.getsignal(signal.SIGINT), []

    def run():
        with Interrupts() as interrupts:
            seen.append((interrupts.received, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [(None, old)]


def test_the_second_signal_aborts_in_the_middle_of_a_long_call():
    """One call into C, during which Python runs no handlers of its own."""
    code = """
import sys, time
sys.path.insert(0, sys.argv[1])
from keras_classic_cnns.training.interrupts import Interrupts
def tidy():
    print("tidied", flush=True)
with Interrupts(before_abort=tidy):
    print("ready", flush=True)
    import hashlib
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10**9)
"""
    root = os.path.abspath(os.curdir)
    process = subprocess.Popen(
        [sys.executable, "-c", code, root],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert any("SIGINT: stopping" in line for line in process.stderr)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
        assert time.monotonic() - started < 5
        assert process.stdout.read() == "tidied\n"
    finally:
        process.kill()
        process.communicate()


def test_all_workers_stop_where_one_has_had_a_signal():
    other = 0
    interrupts = Interrupts(share=lambda numbers: [numbers, [other]])
    assert not interrupts.should_stop() and interrupts.stopped_by is None
    other = signal.SIGTERM
    assert interrupts.should_stop() and interrupts.stopped_by == signal.SIGTERM
    # its own comes later, and is its first
    assert interrupts.received is None
