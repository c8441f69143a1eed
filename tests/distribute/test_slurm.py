"""The variables of a SLURM job step name the cluster."""

import pytest

from keras_classic_cnns.core.errors import DistributionError
from keras_classic_cnns.distribute import read_cluster, slurm_cluster
from keras_classic_cnns.distribute.slurm import expand_nodes


def step(nodes="node[9-10]", tasks="2,1", index="2"):
    return {
        "SLURM_STEP_NODELIST": nodes,
        "SLURM_STEP_TASKS_PER_NODE": tasks,
        "SLURM_PROCID": index,
    }


def test_tasks_are_numbered_as_slurm_lists_the_nodes():
    cluster = slurm_cluster(8000, step())
    assert cluster.addresses == ("node9:8000", "node9:8001", "node10:8000") and cluster.index == 2
    assert read_cluster({"TF_CONFIG": cluster.as_json()}) == cluster


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("login", ["login"]),
        ("a[08-10]", ["a08", "a09", "a10"]),
        ("a[1,3-4]-ib,b7", ["a1-ib", "a3-ib", "a4-ib", "b7"]),
        ("r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
    ],
)
def test_lists_of_nodes_are_spelled_out(text, nodes):
    assert expand_nodes(text) == nodes


def test_what_is_wrong_is_said(monkeypatch):
    with pytest.raises(DistributionError, match="start it with `srun`.*missing=.'SLURM_PROCID'"):
        slurm_cluster(8000, step(index=""))
    with pytest.raises(ValueError, match=r"2 nodes and the tasks of 3. Received: .*='1\(x3\)'"):
        slurm_cluster(8000, step(tasks="1(x3)"))
    with pytest.raises(ValueError, match="`SLURM_PROCID` must be at most 2"):
        slurm_cluster(8000, step(index="3"))
    with pytest.raises(ValueError, match="must be a number. Received: SLURM_PROCID='first'"):
        slurm_cluster(8000, step(index="first"))
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    with pytest.raises(DistributionError):
        slurm_cluster()
