"""The state of oneDNN is told, and a wish that comes too late is refused."""

import pytest

from keras_classic_cnns.training import onednn


@pytest.fixture
def told(monkeypatch, capsys):
    """`told(wanted, state)`: what is printed where TensorFlow's state is as given."""

    def run(wanted, state):
        monkeypatch.setattr(onednn, "is_on", lambda: state)
        onednn._tell.cache_clear()
        onednn.report(wanted)
        return capsys.readouterr().err

    return run


def test_tells_the_state(told):
    assert told(None, True) == told(True, True) == "oneDNN: on (--noonednn turns it off)\n"
    assert told(None, False) == told(False, False) == "oneDNN: off (--onednn turns it on)\n"
    assert told(True, None) == ""  # another backend


@pytest.mark.parametrize("wanted", [True, False])
def test_a_wish_that_comes_too_late_is_refused(told, wanted):
    with pytest.raises(ValueError, match=f"{onednn.VARIABLE}={int(wanted)} before Python starts"):
        told(wanted, not wanted)


def test_is_told_once(told, capsys):
    told(None, True)
    onednn.report(None)
    assert capsys.readouterr().err == ""


def test_tensorflow_tells_whether_it_is_on():
    assert onednn.is_on() in (True, False)
