"""A grouped convolution that trains fast on CPU and exports without XLA."""

import keras
import numpy as np
from keras import ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._tensorflow import (
    has_accelerator,
    is_traced_for_xla,
    onednn_trains_groups,
)

IMPLEMENTATIONS = ("auto", "native", "merged", "split")

# Forward + backward of a 3x3 in ms, by the channels of a chunk, inside `tf.function`: medians of 9
# interleaved runs on two AVX-512 cores, TensorFlow 2.21, at ResNeXt-50's sizes, 32 groups, batch 8.
#
#     oneDNN off    a group's     4     8    16    32    64   128   256
#     56 x 128            4      55    42    33    34    48    75
#     28 x 256            8            18    15    15    23    37    64
#     14 x 512           16                 9.4   8.7    14    21    38
#     7 x 1024           32                       6.6   6.6    16    26
#
# Under 16 channels a convolution starves the matrix multiplication. Doubling 16 to 32 pays unless
# it makes more than four times the multiplications of the groups. Wider chunks only cost. With
# oneDNN on, the best chunks took 14, 9.5, 8.5 and 9.6 ms, the native form 17, 7.1, 4.2 and 3.6,
# and the whole ResNeXt-50 trained in 96 ms an image with chunks, 88 native (least of 8 runs).
_LEAST_CHUNK = 16
_BEST_CHUNK = 32
_MOST_WORK = 4


def merged_groups(groups: int, depth: int) -> int:
    """How many neighbouring groups the merged form computes as one dense convolution.

    The least divisor of `groups` that makes a chunk of at least 16 input channels; beyond that
    towards 32 channels, as long as the chunk does at most four times the groups' own work.

    Args:
        groups: Number of groups of the convolution.
        depth: Input channels of one group.

    Example:
        >>> [merged_groups(32, depth) for depth in (4, 8, 16, 32, 64)]
        [4, 4, 2, 1, 1]
    """
    divisors = [count for count in range(1, groups + 1) if groups % count == 0]
    least = next((count for count in divisors if count * depth >= _LEAST_CHUNK), groups)
    cheap = [count for count in divisors if count * depth <= _BEST_CHUNK and count <= _MOST_WORK]
    return max([least, *cheap])


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class GroupedConv2D(keras.layers.Conv2D):
    """2D convolution in which each group of channels has its own filters, at full speed.

    A drop-in for `keras.layers.Conv2D(groups=g)`: same arguments, same weights, same output.
    Keras compiles a grouped convolution with XLA on every device; on CPU its training is two
    orders of magnitude slower than the arithmetic needs, and the compiled call stays in an
    exported graph, where stock TensorFlow Serving refuses it. This layer computes

        y[..., group j] = conv(x[..., group j], kernel[..., group j]),    j = 1 .. groups

    without XLA, in one of three forms with the same result:

    - `"native"`: one `tf.nn.conv2d`. Its gradient needs a GPU, a TPU, or a CPU with oneDNN on.
    - `"merged"`: a few dense convolutions, each over neighbouring groups, with a block-diagonal
      kernel whose zeros are cheaper than many narrow convolutions.
    - `"split"`: one convolution a group.

    `"auto"` takes the native form where it can be trained, else the merged one. With oneDNN
    (`TF_ENABLE_ONEDNN_OPTS=1`; TensorFlow's default on CPUs with AVX-512 VNNI or AMX) that is
    the native one in float32, and in bfloat16 where the CPU has it. It decides when the layer is
    traced, by the place that `tf.device` gives it, so a saved model is not tied to a form. On the
    JAX and PyTorch backends `"auto"` and `"native"` are Keras's own grouped convolution, which is
    not slow there.

    Args:
        filters: Number of output channels, a multiple of `groups`.
        kernel_size: Height and width of the kernel, one integer or two.
        strides: Steps between outputs, one integer or two.
        padding: `"valid"` or `"same"`.
        data_format: `None` or `"channels_last"`.
        dilation_rate: Steps between kernel taps, one integer or two.
        groups: Number of groups, a divisor of the input channels and of `filters`. With 1 the
            layer is `keras.layers.Conv2D`.
        *args: Further arguments of `keras.layers.Conv2D`, in its order.
        implementation: `"auto"`, `"native"`, `"merged"` or `"split"`.
        **kwargs: Further arguments of `keras.layers.Conv2D`.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, new_height, new_width, filters)`.

    Raises:
        ValueError: If `implementation` is none of the four, `data_format` is
            `"channels_first"`, or an argument is one that `keras.layers.Conv2D` refuses.

    Example:
        >>> layer = GroupedConv2D(256, 3, padding="same", groups=32)
        >>> y = layer(np.zeros((1, 28, 28, 128), "float32"))
        >>> tuple(y.shape), tuple(layer.kernel.shape)
        ((1, 28, 28, 256), (3, 3, 4, 256))

    Source: Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural
    Networks, section 3.2 (two groups); Xie et al.: Aggregated Residual Transformations for Deep
    Neural Networks, section 3.3 and figure 3(c).
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        data_format=None,
        dilation_rate=(1, 1),
        groups=1,
        *args,
        implementation="auto",
        **kwargs,
    ):
        validate.one_of("implementation", implementation, IMPLEMENTATIONS)
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            *args,
            **kwargs,
        )
        if self.data_format != "channels_last":
            raise ValueError(
                "GroupedConv2D needs the channels last, as in (batch, height, width, channels). "
                f"{validate.received('data_format', self.data_format)}"
            )
        self.implementation = implementation

    def convolution_op(self, inputs, kernel):
        if self.groups == 1:
            return super().convolution_op(inputs, kernel)
        form = self.implementation
        if form in ("auto", "native") and keras.backend.backend() != "tensorflow":
            return super().convolution_op(inputs, kernel)
        if form == "auto":
            form = "native" if _native_trains(inputs.dtype) else "merged"
        kernel = ops.convert_to_tensor(kernel)
        if form == "native":
            return self._native(inputs, kernel)
        merge = merged_groups(self.groups, kernel.shape[2]) if form == "merged" else 1
        return self._chunked(inputs, kernel, merge)

    def _native(self, inputs, kernel):
        import tensorflow as tf  # Keras has no grouped convolution without XLA.

        outputs = tf.nn.conv2d(
            inputs, kernel, self.strides, self.padding.upper(), dilations=self.dilation_rate
        )
        # Without oneDNN, TensorFlow's graph optimizer fuses a convolution with the bias and the
        # activation behind it into a CPU kernel that refuses groups, also in a model that was
        # exported elsewhere. It does not look through EnsureShape, which costs nothing.
        return tf.ensure_shape(outputs, outputs.shape)

    def _chunked(self, inputs, kernel, merge):
        chunks = self.groups // merge
        if merge > 1:
            kernel = _block_diagonal(kernel, self.groups, merge)
        convolution = super().convolution_op
        if chunks == 1:
            return convolution(inputs, kernel)
        pairs = zip(ops.split(inputs, chunks, -1), ops.split(kernel, chunks, -1), strict=True)
        return ops.concatenate([convolution(*pair) for pair in pairs], axis=-1)

    def get_config(self):
        return {**super().get_config(), "implementation": self.implementation}


def _block_diagonal(kernel, groups, merge):
    """Kernels of all chunks: `(kh, kw, depth, filters)` -> `(kh, kw, merge * depth, filters)`.

    Every input channel of a chunk gets the group's filters, times 0 where channel and filter are
    of different groups. The zeros do the same for the gradient.
    """
    depth, filters = kernel.shape[2:]
    group_in = np.repeat(np.arange(merge), depth)
    group_out = np.repeat(np.arange(groups) % merge, filters // groups)
    mask = group_in[:, None] == group_out
    return ops.tile(kernel, (1, 1, merge, 1)) * ops.cast(mask, kernel.dtype)


def _native_trains(dtype):
    """Whether TensorFlow can differentiate its native grouped convolution, and does it fast."""
    if has_accelerator():
        return True
    # XLA can as well, but on CPU at a hundredth of the speed
    return onednn_trains_groups(keras.backend.standardize_dtype(dtype)) and not is_traced_for_xla()
