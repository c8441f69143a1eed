import pytest

from keras_classic_cnns.core.mixing import Mixing


@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        ({"mixup_alpha": -0.1}, ValueError, "must be at least 0. Received: mixup_alpha=-0.1$"),
        ({"cutmix_alpha": "1"}, TypeError, "must be a number. Received: cutmix_alpha='1'$"),
        (
            {},
            ValueError,
            r"must be above 0; .* Received: mixing=Mixing\(mixup_alpha=0.0, cutmix_alpha=0.0\)$",
        ),
    ],
)
def test_wrong_numbers(numbers, error, message):
    with pytest.raises(error, match=message):
        Mixing(**numbers)
