"""Who takes part, and how far each is from its recipe."""

import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.experiments import ENTRANTS, Entrant


def test_every_family_takes_part_with_its_least_input():
    specs = [kcc.get_spec(name) for name in kcc.list_models()]
    entrants = [kcc.get_spec(entrant.model) for entrant in ENTRANTS]
    assert sorted(spec.family for spec in entrants) == sorted({spec.family for spec in specs})
    for entrant, spec in zip(ENTRANTS, entrants, strict=True):
        words = entrant.settings(images=1293, side=8)
        assert words["image_size"] == (entrant.size or spec.minimum_size)
        assert entrant.settings(images=10_000, side=224)["image_size"] == 224
        kcc.recipes.for_model(spec)


def test_entrants_say_why_they_depart():
    for wrong in ({"size": 64}, {"learning_rate": 0.1}, {"why": "No reason."}):
        with pytest.raises(ValueError, match="`why` must tell the reason"):
            Entrant("lenet5", 1.0, **wrong)


def test_cheap_networks_and_small_sets_are_passed_over_more_often():
    assert Entrant("lenet5", 1.0).settings(1293, 8)["epochs"] == 30
    assert Entrant("lenet5", 1000.0).settings(1293, 8)["epochs"] == 8
    assert Entrant("lenet5", 1.0).settings(9000, 8)["epochs"] == 4
    assert Entrant("lenet5", 1.0).settings(50_000, 8)["epochs"] == 1
