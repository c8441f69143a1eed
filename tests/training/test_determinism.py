"""The switch; that a deterministic run repeats bit by bit is in test_fit.py."""

from harness import run_python


def test_the_switch_is_tensorflows():
    code = (
        "from tensorflow.python.framework import config\n"
        "from keras_classic_cnns.training import determinism\n"
        "determinism.switch_on()\n"
        "print(config.is_op_determinism_enabled())"
    )
    assert run_python(code).strip() == "True"
