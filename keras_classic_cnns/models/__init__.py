"""The architectures, one family a file; importing this package registers them all."""

from keras_classic_cnns.models import (
    cifar_resnet,
    fractalnet,
    lenet,
    resnet,
    resnext,
    stochastic_depth,
)
from keras_classic_cnns.models.cifar_resnet import (
    PlainNet20,
    PlainNet32,
    PlainNet44,
    PlainNet56,
    ResNet20,
    ResNet32,
    ResNet44,
    ResNet56,
    ResNet110,
    ResNet1202,
)
from keras_classic_cnns.models.fractalnet import (
    FractalNet20,
    FractalNet34,
    FractalNet40,
    FractalNetDeep,
)
from keras_classic_cnns.models.lenet import LeNet5
from keras_classic_cnns.models.resnet import (
    PlainNet18,
    PlainNet34,
    ResNet18,
    ResNet34,
    ResNet50,
    ResNet101,
    ResNet152,
)
from keras_classic_cnns.models.resnext import (
    ResNeXt29_8x64d,
    ResNeXt29_16x64d,
    ResNeXt50,
    ResNeXt101,
    ResNeXt101_32x4d,
    ResNeXt101_64x4d,
    ResNeXt152,
)
from keras_classic_cnns.models.stochastic_depth import (
    StochasticDepthResNet110,
    StochasticDepthResNet152,
    StochasticDepthResNet1202,
)

__all__ = [
    "FractalNet20",
    "FractalNet34",
    "FractalNet40",
    "FractalNetDeep",
    "LeNet5",
    "PlainNet18",
    "PlainNet20",
    "PlainNet32",
    "PlainNet34",
    "PlainNet44",
    "PlainNet56",
    "ResNeXt101",
    "ResNeXt101_32x4d",
    "ResNeXt101_64x4d",
    "ResNeXt152",
    "ResNeXt29_16x64d",
    "ResNeXt29_8x64d",
    "ResNeXt50",
    "ResNet101",
    "ResNet110",
    "ResNet1202",
    "ResNet152",
    "ResNet18",
    "ResNet20",
    "ResNet32",
    "ResNet34",
    "ResNet44",
    "ResNet50",
    "ResNet56",
    "StochasticDepthResNet110",
    "StochasticDepthResNet1202",
    "StochasticDepthResNet152",
    "cifar_resnet",
    "fractalnet",
    "lenet",
    "resnet",
    "resnext",
    "stochastic_depth",
]
