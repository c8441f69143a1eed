"""What is usually got wrong about SE-BN-Inception."""

from harness import shared_model

WIDTHS = (256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024)


def _gates(model):
    return [layer for layer in model.layers if type(layer).__name__ == "SqueezeExcite"]


def test_a_gate_stands_behind_each_concatenation_also_where_the_map_is_halved():
    model = shared_model("sebninception")
    gates = _gates(model)
    assert len(gates) == 10
    for gate in gates:
        concat = model.get_layer(gate.name.removesuffix("_se") + "_concat")
        assert gate.input is concat.output
    assert [gate.output.shape[-1] for gate in gates] == list(WIDTHS)


def test_what_the_gates_add():
    """2 C^2 / 16 + C / 16 + C parameters for C channels, and 2 C^2 / 16 multiply-accumulates."""
    gates = _gates(shared_model("sebninception"))
    assert sum(gate.count_params() for gate in gates) == 11_931_622 - 11_285_224
    work = sum(gate.count_macs(gate.output.shape) for gate in gates)
    assert work == 2_033_239_424 - 2_032_600_064
