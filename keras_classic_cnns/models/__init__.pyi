"""Written by scripts/write_stubs.py."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras

from keras_classic_cnns.models import alexnet as alexnet
from keras_classic_cnns.models import bn_inception as bn_inception
from keras_classic_cnns.models import cifar_densenet as cifar_densenet
from keras_classic_cnns.models import cifar_preact_resnet as cifar_preact_resnet
from keras_classic_cnns.models import cifar_resnet as cifar_resnet
from keras_classic_cnns.models import densenet as densenet
from keras_classic_cnns.models import fractalnet as fractalnet
from keras_classic_cnns.models import googlenet as googlenet
from keras_classic_cnns.models import inception_resnet as inception_resnet
from keras_classic_cnns.models import inception_v3 as inception_v3
from keras_classic_cnns.models import inception_v4 as inception_v4
from keras_classic_cnns.models import lenet as lenet
from keras_classic_cnns.models import nas_rl as nas_rl
from keras_classic_cnns.models import nasnet as nasnet
from keras_classic_cnns.models import nin as nin
from keras_classic_cnns.models import preact_resnet as preact_resnet
from keras_classic_cnns.models import resnet as resnet
from keras_classic_cnns.models import resnext as resnext
from keras_classic_cnns.models import se_inception as se_inception
from keras_classic_cnns.models import senet as senet
from keras_classic_cnns.models import squeezenet as squeezenet
from keras_classic_cnns.models import stochastic_depth as stochastic_depth
from keras_classic_cnns.models import vgg as vgg
from keras_classic_cnns.models import wide_resnet as wide_resnet
from keras_classic_cnns.models import zfnet as zfnet

def AlexNet(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "alexnet",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
    groups: int = 2,
    lrn: str = "paper",
) -> keras.Model:
    """AlexNet: eight layers, three of them in two groups, of 2012."""

def AlexNetV2(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "alexnetv2",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """AlexNetV2: the one-tower net of torchvision."""

def BNInception(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "bninception",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """BNInception: ten modules with batch normalisation (Inception v2)."""

def DenseNet100_12(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet100_12",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet100_12: 100 layers, growth rate 12, for CIFAR."""

def DenseNet100_24(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet100_24",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet100_24: 100 layers, growth rate 24, for CIFAR."""

def DenseNet121(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet121",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet121: 121 layers, growth rate 32."""

def DenseNet161(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet161",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet161: 161 layers, growth rate 48."""

def DenseNet169(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet169",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet169: 169 layers, growth rate 32."""

def DenseNet201(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet201",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet201: 201 layers, growth rate 32."""

def DenseNet264(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet264",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet264: 264 layers, growth rate 32."""

def DenseNet40_12(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenet40_12",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNet40_12: 40 layers, growth rate 12, for CIFAR."""

def DenseNetBC100_12(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenetbc100_12",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNetBC100_12: 100 layers, growth rate 12, with bottlenecks and compression, for CIFAR."""

def DenseNetBC190_40(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenetbc190_40",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNetBC190_40: 190 layers, growth rate 40, with bottlenecks and compression, for CIFAR."""

def DenseNetBC250_24(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "densenetbc250_24",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> keras.Model:
    """DenseNetBC250_24: 250 layers, growth rate 24, with bottlenecks and compression, for CIFAR."""

def FractalNet20(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "fractalnet20",
    *,
    adapt_input: bool = False,
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    drop_path: float = 0.15,
    per: str = "sample",
    dropout: float = 0.4,
) -> keras.Model:
    """FractalNet20: Five blocks of three columns, the deepest of 20 layers, for CIFAR."""

def FractalNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "fractalnet34",
    *,
    adapt_input: bool = False,
    widths: tuple[int, ...] = (128, 256, 512, 1024),
    drop_path: float = 0.15,
    per: str = "sample",
    dropout: float = 0.0,
) -> keras.Model:
    """FractalNet34: A 7x7 convolution, then four blocks of four columns."""

def FractalNet40(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "fractalnet40",
    *,
    adapt_input: bool = False,
    widths: tuple[int, ...] = (64, 128, 256, 512, 512),
    drop_path: float = 0.15,
    per: str = "sample",
    dropout: float = 0.4,
) -> keras.Model:
    """FractalNet40: Five blocks of four columns, the deepest of 40 layers, for CIFAR."""

def FractalNetDeep(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "fractalnetdeep",
    *,
    adapt_input: bool = False,
    columns: int = 5,
    widths: tuple[int, ...] = (16, 32, 64, 128, 128),
    drop_path: float = 0.15,
    per: str = "sample",
    dropout: float = 0.4,
) -> keras.Model:
    """FractalNetDeep: Five narrow blocks of any number of columns, for CIFAR."""

def GoogLeNet(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "googlenet",
    *,
    adapt_input: bool = False,
    variant: str = "lrn",
    dropout: float | None = None,
    aux_heads: bool = False,
) -> keras.Model:
    """GoogLeNet: 22 layers, nine inception modules."""

def InceptionResNetV1(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "inceptionresnetv1",
    *,
    adapt_input: bool = False,
    dropout: float = 0.2,
) -> keras.Model:
    """InceptionResNetV1: As cheap as Inception-v3, with residual modules."""

def InceptionResNetV2(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "inceptionresnetv2",
    *,
    adapt_input: bool = False,
    variant: str = "slim",
    dropout: float = 0.2,
    aux_heads: bool = False,
) -> keras.Model:
    """InceptionResNetV2: As Inception-v4, with residual modules."""

def InceptionV3(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "inceptionv3",
    *,
    adapt_input: bool = False,
    variant: str = "slim",
    aux_heads: bool = False,
    dropout: float = 0.2,
) -> keras.Model:
    """InceptionV3: Inception modules of factorised convolutions."""

def InceptionV4(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "inceptionv4",
    *,
    adapt_input: bool = False,
    variant: str = "slim",
    aux_heads: bool = False,
    dropout: float = 0.2,
) -> keras.Model:
    """InceptionV4: Uniform Inception modules, four a size."""

def LeNet5(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "lenet5",
    *,
    adapt_input: bool = False,
    variant: str = "modern",
) -> keras.Model:
    """LeNet5: seven layers that read digits."""

def NASNetCIFAR(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nasnetcifar",
    *,
    adapt_input: bool = False,
    cells: int = 6,
    filters: int = 768,
    drop_path_rate: float = 0.4,
    drop_path_steps: int | None = None,
    dropout: float = 0.0,
    aux_heads: bool = False,
) -> keras.Model:
    """NASNetCIFAR: NASNet-A 6 @ 768 and its relatives, for CIFAR."""

def NASNetLarge(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nasnetlarge",
    *,
    adapt_input: bool = False,
    cells: int = 6,
    filters: int = 4032,
    drop_path_rate: float = 0.3,
    drop_path_steps: int | None = None,
    dropout: float = 0.5,
    aux_heads: bool = False,
    variant: str = "slim",
) -> keras.Model:
    """NASNetLarge: NASNet-A 6 @ 4032, on images of 331 pixels."""

def NASNetMobile(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nasnetmobile",
    *,
    adapt_input: bool = False,
    cells: int = 4,
    filters: int = 1056,
    drop_path_rate: float = 0.0,
    drop_path_steps: int | None = None,
    dropout: float = 0.5,
    aux_heads: bool = False,
    variant: str = "keras",
) -> keras.Model:
    """NASNetMobile: NASNet-A 4 @ 1056, for small devices."""

def NASRLv1(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nasrlv1",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """NASRLv1: 15 layers without stride and pooling, for CIFAR."""

def NiN(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nin",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """NiN: four stages, twelve convolutions."""

def NiNCIFAR(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "nincifar",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """NiNCIFAR: three stages, nine convolutions, for CIFAR."""

def PlainNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet18",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet18: ResNet18 without its shortcuts."""

def PlainNet20(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet20",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet20: ResNet20 without its shortcuts."""

def PlainNet32(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet32",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet32: ResNet32 without its shortcuts."""

def PlainNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet34",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet34: ResNet34 without its shortcuts."""

def PlainNet44(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet44",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet44: ResNet44 without its shortcuts."""

def PlainNet56(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet56",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """PlainNet56: ResNet56 without its shortcuts."""

def PreActResNet1001(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet1001",
    *,
    adapt_input: bool = False,
    stride_in: str = "1x1",
) -> keras.Model:
    """PreActResNet1001: 1,001 layers of pre-activation bottlenecks, for CIFAR."""

def PreActResNet101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet101",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
    stride_in: str = "3x3",
) -> keras.Model:
    """PreActResNet101: 101 layers of pre-activation bottlenecks."""

def PreActResNet110(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet110",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
) -> keras.Model:
    """PreActResNet110: 110 layers of pre-activation basic units, for CIFAR."""

def PreActResNet152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet152",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
    stride_in: str = "3x3",
) -> keras.Model:
    """PreActResNet152: 152 layers of pre-activation bottlenecks."""

def PreActResNet164(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet164",
    *,
    adapt_input: bool = False,
    stride_in: str = "1x1",
) -> keras.Model:
    """PreActResNet164: 164 layers of pre-activation bottlenecks, for CIFAR."""

def PreActResNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet18",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
) -> keras.Model:
    """PreActResNet18: 18 layers of pre-activation basic units."""

def PreActResNet200(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet200",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
    stride_in: str = "3x3",
) -> keras.Model:
    """PreActResNet200: 200 layers of pre-activation bottlenecks."""

def PreActResNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet34",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
) -> keras.Model:
    """PreActResNet34: 34 layers of pre-activation basic units."""

def PreActResNet50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "preactresnet50",
    *,
    adapt_input: bool = False,
    variant: str = "timm",
    stride_in: str = "3x3",
) -> keras.Model:
    """PreActResNet50: 50 layers of pre-activation bottlenecks."""

def ResNeXt101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101",
    *,
    adapt_input: bool = False,
    groups: int = 32,
    group_width: int = 8,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt101: 101 layers, 32 groups of 8 (32x8d)."""

def ResNeXt101_32x4d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101_32x4d",
    *,
    adapt_input: bool = False,
    groups: int = 32,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt101_32x4d: 101 layers, 32 groups of 4."""

def ResNeXt101_64x4d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101_64x4d",
    *,
    adapt_input: bool = False,
    groups: int = 64,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt101_64x4d: 101 layers, 64 groups of 4."""

def ResNeXt152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext152",
    *,
    adapt_input: bool = False,
    groups: int = 32,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt152: 152 layers, 32 groups of 4 (32x4d)."""

def ResNeXt29_16x64d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext29_16x64d",
    *,
    adapt_input: bool = False,
    groups: int = 16,
    group_width: int = 64,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt29_16x64d: 29 layers, 16 groups of 64, for CIFAR."""

def ResNeXt29_8x64d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext29_8x64d",
    *,
    adapt_input: bool = False,
    groups: int = 8,
    group_width: int = 64,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt29_8x64d: 29 layers, 8 groups of 64, for CIFAR."""

def ResNeXt50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext50",
    *,
    adapt_input: bool = False,
    groups: int = 32,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt50: 50 layers, 32 groups of 4 (32x4d)."""

def ResNet101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet101",
    *,
    adapt_input: bool = False,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
    stride_in: str = "3x3",
) -> keras.Model:
    """ResNet101: 101 layers of bottlenecks."""

def ResNet110(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet110",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet110: 110 layers of basic units, for CIFAR."""

def ResNet1202(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet1202",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet1202: 1202 layers of basic units, for CIFAR."""

def ResNet152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet152",
    *,
    adapt_input: bool = False,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
    stride_in: str = "3x3",
) -> keras.Model:
    """ResNet152: 152 layers of bottlenecks."""

def ResNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet18",
    *,
    adapt_input: bool = False,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet18: 18 layers of basic units."""

def ResNet20(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet20",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet20: 20 layers of basic units, for CIFAR."""

def ResNet32(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet32",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet32: 32 layers of basic units, for CIFAR."""

def ResNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet34",
    *,
    adapt_input: bool = False,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet34: 34 layers of basic units."""

def ResNet44(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet44",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet44: 44 layers of basic units, for CIFAR."""

def ResNet50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet50",
    *,
    adapt_input: bool = False,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
    stride_in: str = "3x3",
) -> keras.Model:
    """ResNet50: 50 layers of bottlenecks."""

def ResNet56(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet56",
    *,
    adapt_input: bool = False,
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet56: 56 layers of basic units, for CIFAR."""

def SEBNInception(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "sebninception",
    *,
    adapt_input: bool = False,
) -> keras.Model:
    """SEBNInception: BN-Inception with squeeze-and-excitation."""

def SENet154(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "senet154",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
    dropout: float = 0.2,
) -> keras.Model:
    """SENet154: 154 layers, the winner of ILSVRC 2017."""

def SEResNeXt101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnext101",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
    groups: int = 32,
    group_width: int = 4,
) -> keras.Model:
    """SEResNeXt101: 101 layers, 32 groups of 4 (32x4d), with gates."""

def SEResNeXt50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnext50",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
    groups: int = 32,
    group_width: int = 4,
) -> keras.Model:
    """SEResNeXt50: 50 layers, 32 groups of 4 (32x4d), with gates."""

def SEResNet101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnet101",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """SEResNet101: ResNet101 with gates."""

def SEResNet152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnet152",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """SEResNet152: ResNet152 with gates."""

def SEResNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnet18",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """SEResNet18: ResNet18 with gates."""

def SEResNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnet34",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """SEResNet34: ResNet34 with gates."""

def SEResNet50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "seresnet50",
    *,
    adapt_input: bool = False,
    ratio: int = 16,
    variant: str = "authors",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """SEResNet50: ResNet50 with gates."""

def SqueezeNet10(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "squeezenet10",
    *,
    adapt_input: bool = False,
    bypass: str | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """SqueezeNet10: the paper's version, 1.0."""

def SqueezeNet11(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "squeezenet11",
    *,
    adapt_input: bool = False,
    bypass: str | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """SqueezeNet11: version 1.1, with less work."""

def StochasticDepthResNet110(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "stochasticdepthresnet110",
    *,
    adapt_input: bool = False,
    survival: float = 0.5,
    decay: str = "linear",
    per: str = "batch",
    shortcut: str = "mean",
    use_bias: bool = False,
) -> keras.Model:
    """StochasticDepthResNet110: ResNet110, for CIFAR, with stochastic depth."""

def StochasticDepthResNet1202(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "stochasticdepthresnet1202",
    *,
    adapt_input: bool = False,
    survival: float = 0.5,
    decay: str = "linear",
    per: str = "batch",
    shortcut: str = "mean",
    use_bias: bool = False,
) -> keras.Model:
    """StochasticDepthResNet1202: ResNet1202, for CIFAR, with stochastic depth."""

def StochasticDepthResNet152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "stochasticdepthresnet152",
    *,
    adapt_input: bool = False,
    survival: float = 0.5,
    decay: str = "linear",
    per: str = "batch",
    shortcut: str = "B",
) -> keras.Model:
    """StochasticDepthResNet152: ResNet152 with stochastic depth."""

def VGG11(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg11",
    *,
    adapt_input: bool = False,
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG11: net A, 11 layers."""

def VGG11LRN(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg11lrn",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG11LRN: net A-LRN, net A with one response normalisation."""

def VGG13(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg13",
    *,
    adapt_input: bool = False,
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG13: net B, 13 layers."""

def VGG16(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg16",
    *,
    adapt_input: bool = False,
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG16: net D, 16 layers."""

def VGG16C(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg16c",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG16C: net C, 16 layers, the last of three in a stage 1x1."""

def VGG19(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "vgg19",
    *,
    adapt_input: bool = False,
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG19: net E, 19 layers."""

def WRN16_4(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wrn16_4",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """WRN16_4: 16 layers, 4 times the filters, for CIFAR."""

def WRN16_8(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wrn16_8",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """WRN16_8: 16 layers, 8 times the filters, for CIFAR."""

def WRN28_10(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wrn28_10",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """WRN28_10: 28 layers, 10 times the filters, for CIFAR."""

def WRN40_4(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wrn40_4",
    *,
    adapt_input: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """WRN40_4: 40 layers, 4 times the filters, for CIFAR."""

def WideResNet(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 10,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wideresnet",
    *,
    adapt_input: bool = False,
    n: int = 28,
    k: int = 10,
    dropout: float = 0.0,
) -> keras.Model:
    """WideResNet: n layers, k times the filters, for CIFAR: any n = 6N+4 and k."""

def WideResNet101_2(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wideresnet101_2",
    *,
    adapt_input: bool = False,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """WideResNet101_2: ResNet101 with wide bottlenecks."""

def WideResNet50_2(
    include_top: bool = True,
    weights: str | PathLike[str] | None = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "wideresnet50_2",
    *,
    adapt_input: bool = False,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """WideResNet50_2: ResNet50 with wide bottlenecks."""

def ZFNet(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "zfnet",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
    variant: str = "paper",
) -> keras.Model:
    """ZFNet: the net of Figure 3, eight layers."""

def ZFNetWide(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "zfnetwide",
    *,
    adapt_input: bool = False,
    dropout: float = 0.5,
    variant: str = "paper",
) -> keras.Model:
    """ZFNetWide: model (b) of Table 2, wider in layers 3 to 5."""
