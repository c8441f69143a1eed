"""The module of four parallel branches that GoogLeNet stacks."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._building import channels_of, convolution_macs, fresh
from keras_classic_cnns.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class InceptionModule(layers.Layer):
    """Looks at a map through windows of several sizes at once, and stacks what they see.

    A 1x1, a 3x3 and a 5x5 convolution and a 3x3 max pooling read the same map, and their outputs
    are concatenated. Done plainly (the naive module) this is dear, and pooling alone brings on as
    many channels as came in. So a 1x1 convolution stands before the large windows and behind the
    pooling, to make the channels fewer first (bottlenecks).

        y = [c1(x), c3(c1(x)), c5(c1(x)), c1(maxpool(x))],  ck = relu(convolution of k x k)

    On 28x28x256 the naive module with 128, 192 and 96 filters makes 28x28x672 out of 1,089,952
    parameters and 854,196,224 multiply-accumulates. With 64 channels in each reduction and behind
    the pooling it is 28x28x480, 346,720 and 271,351,808. Lecture 9 of CS231n prints 358 million
    for the latter: the terms on its slide sum to 271 million, and the rest is its 3x3 convolution
    counted twice.

    Args:
        filters_1x1: Filters of the 1x1 convolution.
        reduce_3x3: Filters of the 1x1 convolution before the 3x3; `None` leaves it out.
        filters_3x3: Filters of the 3x3 convolution.
        reduce_5x5: Filters of the 1x1 convolution before the 5x5; `None` leaves it out.
        filters_5x5: Filters of the 5x5 convolution.
        pool_proj: Filters of the 1x1 convolution behind the pooling; `None` leaves it out.
        large_kernel_size: What stands in the place of the 5x5: 5, or 3 as in the versions of
            torchvision and TF-Slim.
        batch_norm: Whether each convolution has batch normalisation (epsilon 0.001) before its
            ReLU, and no bias.
        kernel_initializer: Of every convolution.
        bias_initializer: Of every convolution, without `batch_norm`.

    Call arguments:
        inputs: `(batch, height, width, channels)`.
        training: Whether batch normalisation takes the statistics of the batch.

    Returns:
        `(batch, height, width, filters_1x1 + filters_3x3 + filters_5x5 + pool_proj)`; without
        `pool_proj` the pooling adds all `channels`.

    Raises:
        ValueError: `large_kernel_size` is neither 3 nor 5, a number of filters is below 1, or the
            input is no map of known channels.

    Example:
        >>> naive = InceptionModule(128, None, 192, None, 96, None)
        >>> naive.compute_output_shape((1, 28, 28, 256))
        (1, 28, 28, 672)

    Source: Szegedy et al.: Going Deeper with Convolutions, section 4 and figure 2,
    https://arxiv.org/abs/1409.4842.
    """

    def __init__(
        self,
        filters_1x1,
        reduce_3x3,
        filters_3x3,
        reduce_5x5,
        filters_5x5,
        pool_proj,
        large_kernel_size=5,
        batch_norm=False,
        kernel_initializer="he_normal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        optional = validate.optional(validate.positive_int)
        self.filters_1x1 = validate.positive_int("filters_1x1", filters_1x1)
        self.reduce_3x3 = optional("reduce_3x3", reduce_3x3)
        self.filters_3x3 = validate.positive_int("filters_3x3", filters_3x3)
        self.reduce_5x5 = optional("reduce_5x5", reduce_5x5)
        self.filters_5x5 = validate.positive_int("filters_5x5", filters_5x5)
        self.pool_proj = optional("pool_proj", pool_proj)
        self.large_kernel_size = validate.one_of("large_kernel_size", large_kernel_size, (3, 5))
        self.batch_norm = validate.boolean("batch_norm", batch_norm)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    @property
    def kernel_size(self):
        """Height and width of the widest window, as `analysis.cost` asks for it."""
        return (self.large_kernel_size,) * 2

    def _branches(self):
        """The convolutions of each branch: name, filters, size of the kernel."""
        branches = (
            [("1x1", self.filters_1x1, 1)],
            [("3x3_reduce", self.reduce_3x3, 1), ("3x3", self.filters_3x3, 3)],
            [
                ("5x5_reduce", self.reduce_5x5, 1),
                ("5x5", self.filters_5x5, self.large_kernel_size),
            ],
            [("pool_proj", self.pool_proj, 1)],
        )
        return [[unit for unit in branch if unit[1] is not None] for branch in branches]

    def build(self, input_shape):
        self.convolutions, self.norms = {}, {}
        for branch in self._branches():
            channels = channels_of(input_shape)
            for name, filters, kernel_size in branch:
                self.convolutions[name] = layers.Conv2D(
                    filters,
                    kernel_size,
                    padding="same",
                    use_bias=not self.batch_norm,
                    kernel_initializer=fresh(self.kernel_initializer),
                    bias_initializer=fresh(self.bias_initializer),
                    dtype=self.dtype_policy,
                    name=name,
                )
                self.convolutions[name].build((None, None, None, channels))
                channels = filters
                if self.batch_norm:
                    self.norms[name] = BatchNormalization(
                        momentum=0.9, epsilon=1e-3, dtype=self.dtype_policy, name=f"{name}_bn"
                    )
                    self.norms[name].build((None, None, None, channels))

    def call(self, inputs, training=None):
        pooled = ops.max_pool(inputs, 3, 1, "same", "channels_last")
        outputs = []
        for x, branch in zip((inputs, inputs, inputs, pooled), self._branches(), strict=True):
            for name, *_ in branch:
                x = self.convolutions[name](x)
                if self.batch_norm:
                    x = self.norms[name](x, training=training)
                x = ops.relu(x)
            outputs.append(x)
        return ops.concatenate(outputs, axis=-1)

    def compute_output_shape(self, input_shape):
        *places, channels = input_shape
        return (*places, sum(b[-1][1] if b else channels for b in self._branches()))

    def count_macs(self, output_shape):
        """Multiply-accumulates of all convolutions."""
        return convolution_macs(self.convolutions.values(), output_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "filters_1x1": self.filters_1x1,
            "reduce_3x3": self.reduce_3x3,
            "filters_3x3": self.filters_3x3,
            "reduce_5x5": self.reduce_5x5,
            "filters_5x5": self.filters_5x5,
            "pool_proj": self.pool_proj,
            "large_kernel_size": self.large_kernel_size,
            "batch_norm": self.batch_norm,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
