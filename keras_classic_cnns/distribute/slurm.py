"""The cluster that a job step of SLURM is.

TensorFlow's own `SlurmClusterResolver` asks `nvidia-smi` for GPUs, fails where there are none, and
sorts the nodes as words, node10 before node9, while SLURM numbers its tasks as it lists the nodes.
"""

import os
import re
from collections.abc import Mapping

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.distribute.cluster import Cluster


def slurm_cluster(port: int = 8470, environment: Mapping[str, str] | None = None) -> Cluster:
    """Reads who trains together off the variables that `srun` sets for each of its tasks.

    Tasks must be laid out in blocks, SLURM's default: the first ones all on the first node.

    Args:
        port: Of the first task of each node; the second has the next, and so on.
        environment: The variables to look in; by default those of this process.

    Returns:
        The cluster; `as_json` is what `TF_CONFIG` must be.

    Raises:
        DistributionError: This is no task of a job step.
        ValueError: The variables contradict each other.

    Example:
        >>> step = {"SLURM_STEP_NODELIST": "node[9-10]", "SLURM_STEP_TASKS_PER_NODE": "1(x2)"}
        >>> slurm_cluster(8470, {**step, "SLURM_PROCID": "1"})
        Cluster(addresses=('node9:8470', 'node10:8470'), index=1)
    """
    variables = os.environ if environment is None else environment
    names = ("SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE", "SLURM_PROCID")
    missing = [name for name in names if not variables.get(name)]
    if missing:
        raise errors.DistributionError(
            "This process is no task of a SLURM job step: start it with `srun`, which sets "
            f"{', '.join(names)}. {validate.received('missing', missing)}"
        )
    nodes = expand_nodes(variables[names[0]])
    counts = _tasks(variables[names[1]])
    if len(nodes) != len(counts):
        raise ValueError(
            f"SLURM names {len(nodes)} nodes and the tasks of {len(counts)}. "
            f"{validate.received(names[1], variables[names[1]])}"
        )
    addresses = [
        f"{node}:{port + task}"
        for node, count in zip(nodes, counts, strict=True)
        for task in range(count)
    ]
    text = variables[names[2]]
    if not text.isdecimal():
        raise ValueError(f"`{names[2]}` must be a number. {validate.received(names[2], text)}")
    index = validate.integer(names[2], int(text), minimum=0, maximum=len(addresses) - 1)
    return Cluster(tuple(addresses), index)


def expand_nodes(text: str) -> list[str]:
    """The names that a list of SLURM stands for, as `scontrol show hostnames` prints them.

    Example:
        >>> expand_nodes("gpu[01-03,7],login")
        ['gpu01', 'gpu02', 'gpu03', 'gpu7', 'login']
    """
    names = []
    for word in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", text):
        prefix, bracket, rest = word.partition("[")
        if not bracket:
            names.append(word)
            continue
        ranges, _, suffix = rest.partition("]")
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            numbers = range(int(first), int(last or first) + 1)
            # what follows may have brackets of its own
            names += [
                f"{prefix}{number:0{len(first)}d}{end}"
                for number in numbers
                for end in (expand_nodes(suffix) if suffix else [""])
            ]
    return names


def _tasks(text: str) -> list[int]:
    """How many tasks each node has: `2(x3),1` are 2, 2, 2 and 1."""
    counts = []
    for count, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", text):
        counts += [int(count)] * int(times or 1)
    return counts
