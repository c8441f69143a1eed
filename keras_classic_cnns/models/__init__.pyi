"""Written by scripts/write_stubs.py."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras

from keras_classic_cnns.models import cifar_resnet as cifar_resnet
from keras_classic_cnns.models import lenet as lenet
from keras_classic_cnns.models import resnet as resnet
from keras_classic_cnns.models import resnext as resnext

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
    variant: str = "modern",
) -> keras.Model:
    """LeNet5: seven layers that read digits."""

def PlainNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "plainnet18",
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
) -> keras.Model:
    """PlainNet56: ResNet56 without its shortcuts."""

def ResNeXt101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101",
    *,
    groups: int = 32,
    group_width: int = 8,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt101: 101 layers, 32 groups of 8 (32x8d)."""

def ResNeXt101_32x4d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101_32x4d",
    *,
    groups: int = 32,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt101_32x4d: 101 layers, 32 groups of 4."""

def ResNeXt101_64x4d(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext101_64x4d",
    *,
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
    groups: int = 8,
    group_width: int = 64,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt29_8x64d: 29 layers, 8 groups of 64, for CIFAR."""

def ResNeXt50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnext50",
    *,
    groups: int = 32,
    group_width: int = 4,
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNeXt50: 50 layers, 32 groups of 4 (32x4d)."""

def ResNet101(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet101",
    *,
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
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet1202: 1202 layers of basic units, for CIFAR."""

def ResNet152(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet152",
    *,
    shortcut: str = "B",
    zero_init_last_gamma: bool = False,
    stride_in: str = "3x3",
) -> keras.Model:
    """ResNet152: 152 layers of bottlenecks."""

def ResNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet18",
    *,
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
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet32: 32 layers of basic units, for CIFAR."""

def ResNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet34",
    *,
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
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet44: 44 layers of basic units, for CIFAR."""

def ResNet50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple[int | None, ...] | list[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | Callable[..., Any] | None = "softmax",
    name: str | None = "resnet50",
    *,
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
    shortcut: str = "A",
    zero_init_last_gamma: bool = False,
) -> keras.Model:
    """ResNet56: 56 layers of basic units, for CIFAR."""
