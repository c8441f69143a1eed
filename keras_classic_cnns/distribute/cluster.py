"""What `TF_CONFIG` says: which processes train together, and which of them this one is."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.core import validate

VARIABLE = "TF_CONFIG"
# In the order in which TensorFlow numbers them; the first process of all is the chief.
ROLES = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """The processes of one training run, and the place of this one among them.

    Args:
        addresses: `"host:port"` of every process, the chief first.
        index: Of this process in `addresses`, from 0.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this process writes what is to be written once."""
        return self.index == 0

    def as_json(self) -> str:
        """What `TF_CONFIG` must be in this process; all are workers, and the first is the chief.

        Example:
            >>> Cluster(("10.0.0.1:9000",), 0).as_json()
            '{"cluster": {"worker": ["10.0.0.1:9000"]}, "task": {"type": "worker", "index": 0}}'
        """
        task = {"type": "worker", "index": self.index}
        return json.dumps({"cluster": {"worker": list(self.addresses)}, "task": task})


def read_cluster(environment: Mapping[str, str] | None = None) -> Cluster | None:
    """Reads `TF_CONFIG`, and refuses what Keras 3 cannot train with.

    Args:
        environment: The variables to look in; by default those of this process.

    Returns:
        The cluster, or `None` where the variable is not set or names no processes.

    Raises:
        ValueError: The variable is no such JSON object, the task is not in the cluster, or the
            cluster has parameter servers or evaluators.

    Example:
        >>> cluster = {"worker": ["10.0.0.1:9000", "10.0.0.2:9000"]}
        >>> config = {"cluster": cluster, "task": {"type": "worker", "index": 1}}
        >>> read_cluster({"TF_CONFIG": json.dumps(config)})
        Cluster(addresses=('10.0.0.1:9000', '10.0.0.2:9000'), index=1)
    """
    text = (os.environ if environment is None else environment).get(VARIABLE)
    if not text:
        return None
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise _wrong(text, f"is not JSON ({error})") from error
    if not isinstance(config, dict):
        raise _wrong(text, "must be a JSON object")
    processes = config.get("cluster") or {}
    if not processes:
        return None
    _check_processes(text, processes)
    return Cluster(
        tuple(address for role in ROLES for address in processes.get(role, ())),
        _index(text, processes, config.get("task")),
    )


def _check_processes(text: str, processes: Any) -> None:
    if not isinstance(processes, dict):
        raise _wrong(text, 'must hold "cluster" as an object of lists')
    if "ps" in processes:
        raise _wrong(
            text,
            "names parameter servers, with which Keras 3 cannot train: `fit` fails, and a loop of "
            "one's own loses updates. Name all processes as workers",
        )
    others = sorted(set(processes) - set(ROLES))
    if others:
        raise _wrong(text, f"may name {' and '.join(ROLES)} only, and names {', '.join(others)}")
    for role, addresses in processes.items():
        if not isinstance(addresses, list) or not all(isinstance(a, str) for a in addresses):
            raise _wrong(text, f'must hold "{role}" as a list of "host:port"')
    if len(processes.get("chief", ())) > 1:
        raise _wrong(text, "may name one chief only")


def _index(text: str, processes: Mapping[str, list[str]], task: Any) -> int:
    """The place of the task among all processes."""
    role, index = (task.get("type"), task.get("index")) if isinstance(task, dict) else (None, None)
    known = processes.get(role, ()) if isinstance(role, str) else ()
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(known):
        raise _wrong(
            text, 'must hold "task" with the "type" and the "index" of a process of the cluster'
        )
    return index + (len(processes.get("chief", ())) if role == "worker" else 0)


def _wrong(text: str, what: str) -> ValueError:
    return ValueError(f"{VARIABLE} {what}. {validate.received(VARIABLE, text)}")
