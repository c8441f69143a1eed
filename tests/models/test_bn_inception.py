"""What is usually got wrong about BN-Inception."""

from harness import shared_model


def test_pools_of_the_stem_reach_over_the_end_and_are_not_padded():
    model = shared_model("bninception")
    for name, size in (("stem_pool1", 56), ("stem_pool2", 28)):
        layer = model.get_layer(name)
        assert layer.padding == (0, 0) and layer.ceil_mode
        assert layer.output.shape[1:3] == (size, size)


def test_the_stem_is_not_depthwise_separable_and_first_convolution_has_9408_weights():
    """TF-Slim's Inception v2 begins with a separable convolution: a different net."""
    layer = shared_model("bninception").get_layer("stem_conv1")
    assert type(layer).__name__ == "Conv2D" and layer.count_params() == 9_408


def test_sixty_nine_convolutions_and_no_dropout():
    model = shared_model("bninception")
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == 69 and kinds.count("Dropout") == 0


def test_port_with_biases_has_one_more_parameter_for_each_filter():
    """Cadene's and pytorchcv's 11,295,240."""
    model = shared_model("bninception")
    filters = sum(layer.filters for layer in model.layers if type(layer).__name__ == "Conv2D")
    assert filters == 11_295_240 - 11_285_224
