"""What counts as having learned."""

import pytest
from experiments.rows import row


@pytest.mark.parametrize(("accuracy", "learned"), [(0.147, False), (0.148, True), (None, False)])
def test_chance_is_three_deviations_above_a_guess(accuracy, learned):
    assert row(accuracy=accuracy).learned is learned
