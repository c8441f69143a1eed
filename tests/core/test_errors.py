"""Names that come near are offered."""

from keras_classic_cnns.core import errors


def test_close_matches():
    known = ["resnet50", "resnet56", "lenet5"]
    assert errors.close_matches("RESNET5O", known).startswith("Did you mean 'resnet5")
    assert errors.close_matches("transformer", known) == ""
    assert errors.close_matches(17, known) == ""
