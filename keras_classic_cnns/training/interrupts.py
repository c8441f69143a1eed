"""Stopping a run from outside: Ctrl-C and SIGTERM as a wish that the training loop obeys."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Listens for Ctrl-C and SIGTERM while a `with` block runs.

    The first signal is noted in `received`, for the loop to look at between two batches. The
    second ends the process at once. A thread that reads Python's wake-up file descriptor does
    the listening: an ordinary handler would run only when the interpreter gets its turn, and
    one training step inside TensorFlow may take a minute.

    Outside the main thread, where Python takes no signals, the block runs without listening.

    Args:
        before_abort: Called before the process is ended, to tidy up.
        share: Tells a number to all workers, and returns what each has told.
    """

    def __init__(
        self,
        before_abort: Callable[[], None] = lambda: None,
        share: Callable[[Sequence[int]], Sequence[Sequence[int]]] = lambda numbers: [numbers],
    ):
        self.received: signal.Signals | None = None
        self.stopped_by: signal.Signals | None = None
        self._before_abort = before_abort
        self._share = share
        self._is_listening = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> "Interrupts":
        if self._is_listening:
            self._reader, self._writer = os.pipe()
            os.set_blocking(self._writer, False)
            self._old_writer = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
            # with a handler of Python's the C level writes the number to the pipe, no more
            self._old = {number: signal.signal(number, _do_nothing) for number in SIGNALS}
            self._thread = threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        if self._is_listening:
            for number, handler in self._old.items():
                # None stands for a handler of another language, which Python cannot put back
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            signal.set_wakeup_fd(self._old_writer)
            os.close(self._writer)  # ends the thread's loop
            self._thread.join()
            os.close(self._reader)

    def should_stop(self) -> bool:
        """Whether a signal has come, to this worker or to another; then `stopped_by` is it.

        All workers must ask after the same batches, and are told the same: one that stopped alone
        would leave the others waiting.
        """
        number = max(told[0] for told in self._share([int(self.received or 0)]))
        self.stopped_by = signal.Signals(number) if number else None
        return self.stopped_by is not None

    def _listen(self) -> None:
        while numbers := os.read(self._reader, 64):
            for number in numbers:
                if number in SIGNALS:
                    self._note(signal.Signals(number))

    def _note(self, number: signal.Signals) -> None:
        if self.received is not None:
            self._before_abort()
            os._exit(128 + number)
        self.received = number
        print(
            f"\n{number.name}: stopping after this batch (once more to abort at once)",
            file=sys.stderr,
            flush=True,
        )


def _do_nothing(number, frame) -> None:
    pass
