"""Rules: optimizers as data, and the momentum of averages."""

import hypothesis
import keras
import pytest
from hypothesis import strategies as st

from keras_classic_cnns.recipes import Average, Momentum, RMSProp, RMSPropWithL2, SGDWithL2

COMMON = {"l2": 0.1, "spares": ("bias",), "global_clipnorm": 2.0}


@pytest.mark.parametrize(
    ("rule", "kind", "expected"),
    [
        (Momentum(), SGDWithL2, {"momentum": 0.9, "nesterov": False}),
        (Momentum(0, nesterov=True), SGDWithL2, {"momentum": 0.0, "nesterov": True}),
        (RMSProp(), RMSPropWithL2, {"rho": 0.9, "momentum": 0.9, "epsilon": 1.0}),
        (RMSProp(0.8, 0, 1), RMSPropWithL2, {"rho": 0.8, "momentum": 0.0, "epsilon": 1.0}),
    ],
)
def test_makes_its_optimizer(rule, kind, expected):
    optimizer = rule.optimizer(0.5, **COMMON)
    assert type(optimizer) is kind and isinstance(optimizer, keras.optimizers.Optimizer)
    config = optimizer.get_config()
    expected = {"learning_rate": 0.5, "l2": 0.1, "spares": ["bias"], **expected}
    assert {key: config[key] for key in expected} == expected
    assert rule.optimizer(0.5) is not rule.optimizer(0.5)


@hypothesis.given(
    momentum=st.floats(0, 0.99999), steps=st.integers(1, 10**6), run=st.integers(1, 10**6)
)
def test_an_average_reaches_over_the_same_share_or_over_one_step(momentum, steps, run):
    found = Average(momentum, steps).momentum_of(run)
    assert 0 <= found < 1
    share = 1 / (1 - momentum) / steps
    assert 1 / (1 - found) == pytest.approx(max(share * run, 1), rel=1e-6)


def test_in_the_papers_run_the_momentum_is_the_papers():
    assert Average(0.9999, 80_000).momentum_of(80_000) == pytest.approx(0.9999, abs=1e-12)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Momentum(2), ValueError, "at most 1. Received: momentum=2$"),
        (lambda: Momentum(nesterov=1), TypeError, "Received: nesterov=1$"),
        (lambda: RMSProp(rho=-1), ValueError, "at least 0. Received: rho=-1$"),
        (lambda: RMSProp(momentum=1.5), ValueError, "Received: momentum=1.5$"),
        (lambda: RMSProp(epsilon=0), ValueError, "must be above 0. Received: epsilon=0$"),
        (lambda: Average(1.0, 10), ValueError, "must be less than 1. Received: momentum=1.0$"),
        (lambda: Average(0.9, 0), ValueError, "Received: steps=0$"),
    ],
)
def test_wrong_rules(make, error, message):
    with pytest.raises(error, match=message):
        make()
