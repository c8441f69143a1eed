"""What does not fit is found and explained."""

import dataclasses

import numpy as np
import pytest
from weights.small_net import AUX, KEYS, arrays, net

from keras_classic_cnns.weights.fitting import Fit, Target


def test_all_fits():
    fit = Target(net(aux=True), KEYS).fit(arrays(aux=True))
    assert not fit.has_problems
    assert len(fit.values) == 13


def test_a_gamma_that_the_model_lacks_has_a_place():
    fit = Target(net(gamma=False), KEYS).fit(arrays())
    assert not fit.has_problems
    assert "bn/gamma" in fit.values


def test_a_gamma_that_the_file_lacks_is_missing():
    file = {key: value for key, value in arrays().items() if key != "bn.weight"}
    assert Target(net(), KEYS).fit(file).missing == ["bn/gamma"]
    assert not Target(net(gamma=False), KEYS).fit(file).has_problems


def test_auxiliary_heads_that_the_file_lacks_are_explained():
    target = Target(net(aux=True), KEYS)
    fit = target.fit(arrays())
    assert fit.missing == ["aux1_fc/kernel", "aux1_fc/bias", "aux1/kernel", "aux1/bias"]
    assert "The file has no auxiliary heads: build the model with `aux_heads=False`." in (
        target.explain(fit)
    )
    fit.missing.append("conv1/kernel")
    assert "auxiliary" not in target.explain(fit)


def test_auxiliary_heads_that_the_model_lacks():
    """Unexpected, unless the map knows that models may lack them."""
    assert Target(net(), KEYS).fit(arrays(aux=True)).unexpected == list(AUX)
    optional = dataclasses.replace(KEYS, optional=("side.*",))
    assert not Target(net(), optional).fit(arrays(aux=True)).has_problems


def test_classifiers_of_other_classes_are_skipped_together():
    target = Target(net(aux=True, classes=9), KEYS)
    fit = target.fit(arrays(aux=True))
    assert fit.other_classes == set.union(*target.heads.values())
    assert "`skip_head=True` keeps a classifier" in target.explain(fit)
    assert all(fit.skip(paths) for paths in target.heads.values())
    assert not fit.has_problems
    assert "aux1_fc/kernel" in fit.values and "aux1/kernel" not in fit.values


def test_a_classifier_that_fits_or_differs_otherwise_is_not_skipped():
    paths = {"predictions/kernel", "predictions/bias"}
    assert not Target(net(), KEYS).fit(arrays()).skip(paths)
    other = {**arrays(), "fc.weight": np.ones((7, 8)), "fc.bias": np.ones(7)}
    fit = Target(net(), KEYS).fit(other)
    assert not fit.skip(paths)
    assert fit.misshaped.keys() == paths


def test_a_whole_classifier_is_skipped_though_one_weight_of_it_fits():
    fit = Fit(values={"a/bias": np.ones(1)}, misshaped={"a/kernel": ""}, other_classes={"a/kernel"})
    assert fit.skip({"a/kernel", "a/bias"})
    assert fit.values == {}


@pytest.mark.parametrize("adapts", [True, False])
def test_other_channels(adapts):
    target = Target(net(channels=4), KEYS, adapts)
    fit = target.fit(arrays())
    assert fit.has_problems != adapts
    assert ("adapt_input" in target.explain(fit)) != adapts
