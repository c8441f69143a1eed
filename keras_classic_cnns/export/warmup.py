"""Requests that TensorFlow Serving replays when it loads a version, before it takes traffic."""

from pathlib import Path

import tensorflow as tf

from keras_classic_cnns.export.check import INPUT, SIGNATURES

REQUESTS = Path("assets.extra") / "tf_serving_warmup_requests"


def write_requests(directory: Path, name: str, image_shape: tuple[int, int, int]) -> None:
    """Writes one request (a black image) for each signature.

    Args:
        directory: The folder of the SavedModel.
        name: The name of the model in the requests.
        image_shape: `(height, width, channels)`.

    Raises:
        ImportError: tensorflow-serving-api is not installed.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ImportError as error:
        raise ImportError(
            "warmup=True needs the package tensorflow-serving-api "
            "(pip install 'keras-classic-cnns[serve]'). Received: warmup=True"
        ) from error
    file = directory / REQUESTS
    file.parent.mkdir()
    with tf.io.TFRecordWriter(str(file)) as writer:
        for signature, dtype in SIGNATURES.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = name
            request.model_spec.signature_name = signature
            image = tf.make_tensor_proto(0, dtype=dtype, shape=(1, *image_shape))
            request.inputs[INPUT].CopyFrom(image)
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.CopyFrom(request)
            writer.write(log.SerializeToString())
