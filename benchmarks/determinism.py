"""What `train --deterministic` costs: steps of the same run, with it and without.

TensorFlow cannot switch it off again, so each form has a process of its own; they take turns.
"""

import multiprocessing
import statistics
import time
from multiprocessing.connection import Connection

import timing

RUNS = {  # on digits
    "lenet5": {"image_size": 32, "batch_size": 128},
    "resnet20": {"image_size": 32, "channels": 3, "batch_size": 128},
}
HEADER = ["network", "form", "ms a step", "/ plain", "processor ms a step", "/ plain"]


def train(name: str, steps: int, is_deterministic: bool, orders: Connection) -> None:
    """Answers each order with the time of a step, by the clock and of the processors."""
    from keras_classic_cnns.training import TrainSettings, determinism
    from keras_classic_cnns.training.build import make_plan

    if is_deterministic:
        determinism.switch_on()
    plan = make_plan(TrainSettings(model=name, dataset="digits", **RUNS[name]))
    model, batches = plan.build(), plan.train_batches(skip=0)
    while orders.recv():
        clock, processors = time.perf_counter(), time.process_time()
        model.fit(batches, steps_per_epoch=steps, verbose=0, shuffle=False)
        spent = time.perf_counter() - clock, time.process_time() - processors
        orders.send([1e3 * seconds / steps for seconds in spent])


def measure(name: str, steps: int, runs: int) -> list[list[str]]:
    """Two lines of the table."""
    context = multiprocessing.get_context("spawn")
    candidates, ends = {}, []
    for form, is_deterministic in (("plain", False), ("deterministic", True)):
        mine, other = context.Pipe()
        context.Process(target=train, args=(name, steps, is_deterministic, other)).start()
        candidates[form] = lambda mine=mine: (mine.send(True), mine.recv())[1]
        ends.append(mine)
    times = timing.interleave(candidates, runs)
    for end in ends:
        end.send(False)
    plain = [statistics.median(values) for values in zip(*times["plain"], strict=True)]
    lines = []
    for form, rounds in times.items():
        cells = []
        for values, base in zip(zip(*rounds, strict=True), plain, strict=True):
            cells += [timing.spread(values), f"{statistics.median(values) / base:.2f}"]
        lines.append([name, form, *cells])
    return lines


def main() -> None:
    flags = timing.flags_of_steps(__doc__, RUNS)
    timing.print_machine()
    rows = [row for name in flags.models for row in measure(name, flags.steps, flags.runs)]
    timing.print_table(HEADER, rows)


if __name__ == "__main__":
    main()
