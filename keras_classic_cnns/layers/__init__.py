"""Keras layers that the papers invented; each saves, reloads and runs like Keras's own."""

from keras_classic_cnns.layers.activations import scaled_tanh
from keras_classic_cnns.layers.adaptive_average_pooling import AdaptiveAveragePooling2D
from keras_classic_cnns.layers.auxiliary_classifier import AuxiliaryClassifier
from keras_classic_cnns.layers.average_pooling import PaddedAveragePooling2D
from keras_classic_cnns.layers.batch_normalization import BatchNormalization
from keras_classic_cnns.layers.dense_block import DenseBlock
from keras_classic_cnns.layers.dense_layer import DenseLayer
from keras_classic_cnns.layers.fire import Fire
from keras_classic_cnns.layers.fractal_join import FractalJoin
from keras_classic_cnns.layers.fractal_path import FractalPath
from keras_classic_cnns.layers.gated_batch_normalization import GatedBatchNormalization
from keras_classic_cnns.layers.grouped_conv import GroupedConv2D
from keras_classic_cnns.layers.inception_module import InceptionModule
from keras_classic_cnns.layers.initializers import FanInUniform
from keras_classic_cnns.layers.local_response_normalization import LocalResponseNormalization
from keras_classic_cnns.layers.max_pooling import PaddedMaxPooling2D
from keras_classic_cnns.layers.radial_basis import RadialBasis
from keras_classic_cnns.layers.scheduled_drop_path import ScheduledDropPath
from keras_classic_cnns.layers.squeeze_excite import SqueezeExcite
from keras_classic_cnns.layers.stochastic_depth import StochasticDepth
from keras_classic_cnns.layers.subsampling import TrainableSubsampling
from keras_classic_cnns.layers.survival_gate import SurvivalGate
from keras_classic_cnns.layers.table_conv import TableConv2D
from keras_classic_cnns.layers.zero_channel_shortcut import ZeroChannelShortcut

__all__ = [
    "AdaptiveAveragePooling2D",
    "AuxiliaryClassifier",
    "BatchNormalization",
    "DenseBlock",
    "DenseLayer",
    "FanInUniform",
    "Fire",
    "FractalJoin",
    "FractalPath",
    "GatedBatchNormalization",
    "GroupedConv2D",
    "InceptionModule",
    "LocalResponseNormalization",
    "PaddedAveragePooling2D",
    "PaddedMaxPooling2D",
    "RadialBasis",
    "ScheduledDropPath",
    "SqueezeExcite",
    "StochasticDepth",
    "SurvivalGate",
    "TableConv2D",
    "TrainableSubsampling",
    "ZeroChannelShortcut",
    "scaled_tanh",
]
