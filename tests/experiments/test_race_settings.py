"""What a race may be asked for."""

import pytest

from keras_classic_cnns.experiments import RaceSettings, race


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"only": ("lenet",)}, r"The entrants are .*lenet5.*Received: only='lenet'"),
        ({"seeds": ("0", "0")}, r"`seeds` must be different .*Received: seeds="),
        ({"seeds": ("-1",)}, r"`seeds` must be different .*Received: seeds="),
        ({"images": 10}, r"`images` must be .*Received: images=10"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        race(RaceSettings(**{"out": str(tmp_path), **changes}))
