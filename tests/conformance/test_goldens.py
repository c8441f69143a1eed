"""Parameters, multiply-accumulates and endpoint shapes of every constructor."""

import pytest
from goldens.models_file import read_goldens

import keras_classic_cnns as kcc

DEEP = ("preactresnet1001", "resnet1202", "stochasticdepthresnet1202")  # they take 20 s each
LARGE = 2e9  # multiply-accumulates: more than ResNet-18
GOLDENS = read_goldens()


def _smallest_with(options, family):
    """The net of a family that does the fewest multiplications with these options."""
    rows = {
        name: row["macs"]
        for name, golden in GOLDENS.items()
        if kcc.get_spec(name).family == family
        for row in golden.rows
        if row["options"] == options
    }
    return min(rows, key=rows.get)


def _is_usual(name, row):
    """What options give at the family's smallest net, and the defaults of those not so large."""
    is_smallest = name == _smallest_with(row["options"], kcc.get_spec(name).family)
    is_small = row["macs"] < LARGE and name not in DEEP
    return is_smallest or (not row["options"] and is_small)


ROWS = [
    pytest.param(
        name,
        row,
        id="-".join([name, *map(str, row["options"].values())]),
        marks=[] if _is_usual(name, row) else [pytest.mark.exhaustive],
    )
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
    """Everything that one build tells; together the models would fill the memory."""
    options = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in row["options"].items()
    }
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
