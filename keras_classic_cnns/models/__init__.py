"""The architectures, one family a file; importing this package registers them all."""

from keras_classic_cnns.models import (
    cifar_resnet,
    inception_resnet,
    inception_v3,
    inception_v4,
    lenet,
    resnet,
    resnext,
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
from keras_classic_cnns.models.inception_resnet import InceptionResNetV1, InceptionResNetV2
from keras_classic_cnns.models.inception_v3 import InceptionV3
from keras_classic_cnns.models.inception_v4 import InceptionV4
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

__all__ = [
    "InceptionResNetV1",
    "InceptionResNetV2",
    "InceptionV3",
    "InceptionV4",
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
    "cifar_resnet",
    "inception_resnet",
    "inception_v3",
    "inception_v4",
    "lenet",
    "resnet",
    "resnext",
]
