"""Training on several devices and machines: TensorFlow's own strategies, chosen and explained.

placement = kcc.distribute.strategy("auto")
with placement.scope():
model = kcc.ResNet20(weights=None)
model.compile(...)
model.fit(kcc.distribute.distributable(batches, placement))
"""

from keras_classic_cnns.distribute.agreement import exchange
from keras_classic_cnns.distribute.batch_norm import synchronize_batch_norm
from keras_classic_cnns.distribute.batches import (
    distributable,
    evaluation_batch,
    global_batch,
    per_replica_batch,
)
from keras_classic_cnns.distribute.checks import check_model, refuse_data_parallel
from keras_classic_cnns.distribute.cluster import Cluster, read_cluster
from keras_classic_cnns.distribute.keras_fit import repair_multi_worker_fit
from keras_classic_cnns.distribute.launching import launch
from keras_classic_cnns.distribute.placement import KINDS, Placement, strategy
from keras_classic_cnns.distribute.saving import save, worker_directory
from keras_classic_cnns.distribute.slurm import slurm_cluster

__all__ = [
    "Cluster",
    "KINDS",
    "Placement",
    "check_model",
    "distributable",
    "evaluation_batch",
    "exchange",
    "global_batch",
    "launch",
    "per_replica_batch",
    "read_cluster",
    "refuse_data_parallel",
    "repair_multi_worker_fit",
    "save",
    "slurm_cluster",
    "strategy",
    "synchronize_batch_norm",
    "worker_directory",
]
