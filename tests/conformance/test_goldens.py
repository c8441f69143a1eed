"""Parameters, multiply-accumulates and endpoint shapes of every constructor."""

import pytest
from goldens.models_file import read_goldens
from harness import without_values

import keras_classic_cnns as kcc

GOLDENS = read_goldens()


ROWS = [
    pytest.param(name, row, id="-".join([name, *map(str, row["options"].values())]))
    for name, golden in GOLDENS.items()
    for row in golden.rows
]


def test_every_model_has_a_golden_with_a_witness():
    assert set(GOLDENS) == set(kcc.list_models())
    for name, golden in GOLDENS.items():
        assert golden.rows[0]["options"] == {}, f"the first row of {name} must be its default"
        assert all(row["witness"] for row in golden.rows), name


def test_every_option_has_a_golden_or_changes_no_number():
    free = {"zero_init_last_gamma", "dropout"}  # neither counts nor shapes depend on them
    for name in GOLDENS:
        options = set(kcc.get_spec(name).options) - free
        family = kcc.get_spec(name).family
        seen = {
            option
            for other, golden in GOLDENS.items()
            if kcc.get_spec(other).family == family
            for row in golden.rows
            for option in row["options"]
        }
        assert options <= seen, f"{name}: no golden row sets {options - seen}"


@pytest.mark.parametrize("name, row", ROWS)
def test_golden(name, row):
    """Everything that one build tells, without values for the weights."""
    options = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in row["options"].items()
    }
    with without_values():
        model = kcc.get_model(name, **options, weights=None)
    totals = kcc.analysis.cost(model).totals
    assert totals.trainable == row["trainable"]
    assert totals.parameters == row["parameters"]
    assert totals.macs == row["macs"]
    shapes = {key: list(tensor.shape[1:]) for key, tensor in kcc.endpoints(model).items()}
    assert shapes == row["endpoints"]
    if not options:
        _check_names(model, kcc.get_spec(name))


def _check_names(model, spec):
    """Names, shapes and activation of the default, as Keras's own tests ask for them."""
    assert model.layers[-1].activation.__name__ == "softmax"
    assert model.layers[-1].name == "predictions"
    assert model.output_shape == (None, spec.classes)
    assert model.name == spec.name and model.input.name == "image"
    assert model.input_shape == (None, spec.input_size, spec.input_size, spec.channels)
