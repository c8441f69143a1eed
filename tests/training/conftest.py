"""A tiny run that tests may read, and the settings to make more of them."""

import os
import signal
import time

import keras
import pytest

from keras_classic_cnns.training import TrainSettings, fit
from keras_classic_cnns.training.interrupts import Interrupts


@pytest.fixture(scope="session")
def settings():
    """`settings(out, **changes)`: LeNet-5 on some digits, 3 epochs of 6 steps."""

    def make(out, **changes):
        tiny = {
            "model": "lenet5",
            "dataset": "digits",
            "train_split": "train[:200]",
            "eval_split": "test[:80]",
            "batch_size": 32,
            "epochs": 3,
            "learning_rate": 0.05,
            "augment": ("pad_crop",),
            "progress": "none",
        }
        return TrainSettings(**(tiny | {"out": out} | changes))

    return make


@pytest.fixture(scope="session")
def trained_run(settings, tmp_path_factory):
    """A finished run."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    fit.train(settings(out))
    return out


class Signals(keras.callbacks.Callback):
    """Sends this process a signal in the given training or evaluation batch."""

    def __init__(self, step=None, test_batch=None, number=signal.SIGINT):
        super().__init__()
        self.step, self.test_batch, self.number = step, test_batch, number
        self.interrupts = None  # that of the run

    def on_train_batch_begin(self, batch, logs=None):
        if int(keras.ops.convert_to_numpy(self.model.optimizer.iterations)) == self.step:
            self._send()

    def on_test_batch_begin(self, batch, logs=None):
        if batch == self.test_batch:
            self._send()

    def _send(self):
        os.kill(os.getpid(), self.number)
        end = time.monotonic() + 10
        while self.interrupts.received is None and time.monotonic() < end:
            time.sleep(0.01)  # the listening thread needs its turn

    def listen(self, **arguments):
        self.interrupts = Interrupts(**arguments)
        return self.interrupts


@pytest.fixture
def interrupted(monkeypatch):
    """`interrupted(settings, step=7)` trains until a signal in that step stops it."""

    def run(chosen, **when):
        signals = Signals(**when)
        with monkeypatch.context() as patch:
            patch.setattr(fit, "_tensorboard", lambda *_: [signals])
            patch.setattr(fit, "Interrupts", signals.listen)
            return fit.train(chosen)

    return run
