"""Average pooling to a given size, from a map of any size."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class AdaptiveAveragePooling2D(keras.layers.AdaptiveAveragePooling2D):
    """`keras.layers.AdaptiveAveragePooling2D` for any map, also small and of unknown size.

    Keras's layer fails where the map is smaller than the output, and where its height or width is
    known only when the model runs. This one has the same arguments and results, and Torch's in
    those cases: place i of m averages the places from floor(i n / m) to ceil((i + 1) n / m) of n.
    So a map of the output's own size passes unchanged, and a smaller one is stretched.

        y = R x C^T, for each channel, where the rows of R and C hold these averages

    Args:
        **kwargs: The arguments of `keras.layers.AdaptiveAveragePooling2D`: `output_size`, height
            and width of the output, one integer or two; `data_format`.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, output_height, output_width, channels)`.

    Example:
        >>> import numpy as np
        >>> x = np.array([[1, 2, 3]], "float32").reshape(1, 1, 3, 1)
        >>> AdaptiveAveragePooling2D((1, 2))(x).numpy().ravel().tolist()
        [1.5, 2.5]

    Source: `torch.nn.AdaptiveAvgPool2d`, with which torchvision gives AlexNet and VGG inputs of
    any size.
    """

    def call(self, inputs):
        rows_axis = 1 if self.data_format == "channels_last" else 2
        if tuple(inputs.shape[rows_axis : rows_axis + 2]) == tuple(self.output_size):
            return inputs
        form = {1: ("bhwc", "bijc"), 2: ("bchw", "bcij")}[rows_axis]
        height, width = ops.shape(inputs)[rows_axis : rows_axis + 2]
        rows, columns = (
            _averages(n, m, self.compute_dtype)
            for n, m in zip((height, width), self.output_size, strict=True)
        )
        middle = form[0].replace("h", "i")
        y = ops.einsum(f"ih,{form[0]}->{middle}", rows, inputs)
        return ops.einsum(f"jw,{middle}->{form[1]}", columns, y)


def _averages(n, m, dtype):
    """The matrix `(m, n)` that averages n places to m; n may be a scalar tensor."""
    i = ops.arange(m, dtype="int32")
    first, end = (i * n) // m, ((i + 1) * n + m - 1) // m
    j = ops.arange(n, dtype="int32")
    is_inside = ops.logical_and(j >= first[:, None], j < end[:, None])
    return ops.cast(is_inside, dtype) / ops.cast(end - first, dtype)[:, None]
