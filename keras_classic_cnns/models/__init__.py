"""The architectures, one family a file; importing this package registers them all."""

from keras_classic_cnns.models import (
    alexnet,
    bn_inception,
    cifar_resnet,
    googlenet,
    lenet,
    nin,
    resnet,
    resnext,
    se_inception,
    squeezenet,
    vgg,
    zfnet,
)
from keras_classic_cnns.models.alexnet import AlexNet, AlexNetV2
from keras_classic_cnns.models.bn_inception import BNInception
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
from keras_classic_cnns.models.googlenet import GoogLeNet
from keras_classic_cnns.models.lenet import LeNet5
from keras_classic_cnns.models.nin import NiN, NiNCIFAR
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
from keras_classic_cnns.models.se_inception import SEBNInception
from keras_classic_cnns.models.squeezenet import SqueezeNet10, SqueezeNet11
from keras_classic_cnns.models.vgg import VGG11, VGG11LRN, VGG13, VGG16, VGG16C, VGG19
from keras_classic_cnns.models.zfnet import ZFNet, ZFNetWide

__all__ = [
    "AlexNet",
    "AlexNetV2",
    "BNInception",
    "GoogLeNet",
    "LeNet5",
    "NiN",
    "NiNCIFAR",
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
    "SEBNInception",
    "SqueezeNet10",
    "SqueezeNet11",
    "VGG11",
    "VGG11LRN",
    "VGG13",
    "VGG16",
    "VGG16C",
    "VGG19",
    "ZFNet",
    "ZFNetWide",
    "alexnet",
    "bn_inception",
    "cifar_resnet",
    "googlenet",
    "lenet",
    "nin",
    "resnet",
    "resnext",
    "se_inception",
    "squeezenet",
    "vgg",
    "zfnet",
]
