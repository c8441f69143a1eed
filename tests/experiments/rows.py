"""A row of a race, to make others of."""

import dataclasses

from keras_classic_cnns.experiments import Row

ROW = Row(
    model="lenet5",
    input_shape=[28, 28, 1],
    parameters=61_706,
    macs=416_520,
    recipe="lenet5",
    learning_rate=0.004,
    train_images=1293,
    test_images=360,
    classes=10,
    accuracy=0.975,
    processor_seconds=10.0,
    seconds=5.0,
    machine="A processor, 2 cores",
    error=None,
    settings={"seed": 0, "dataset": "digits", "option": [], "epochs": 20, "batch_size": 32},
)


def row(model="lenet5", seed=0, **changes):
    settings = {**ROW.settings, "seed": seed}
    return dataclasses.replace(ROW, model=model, settings=settings, **changes)
