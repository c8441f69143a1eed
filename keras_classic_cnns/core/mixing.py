"""How the images of a batch are mixed, as data: recipes say it, and input pipelines do it."""

from dataclasses import dataclass

from keras_classic_cnns.core import validate


@dataclass(frozen=True)
class Mixing:
    """MixUp, CutMix, or one of them at random for each batch.

        share ~ Beta(alpha, alpha), one for each batch

    MixUp blends each image with its neighbour in the batch, which was drawn at random. CutMix
    pastes a rectangle of the neighbour into it. The labels are shared out likewise, so that they
    become shares of all classes. An `alpha` of 1 draws all shares alike; smaller ones draw shares
    near 0 and 1, so that one of the two images prevails.

    Source: H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: beyond empirical risk
    minimization" (2017), which takes 0.2 for ImageNet and 1 for CIFAR; S. Yun et al., "CutMix:
    regularization strategy to train strong classifiers with localizable features" (2019), 1 for
    both; in turns as in torchvision's references/classification.

    Args:
        mixup_alpha: At least 0; at 0 there is no MixUp.
        cutmix_alpha: At least 0; at 0 there is no CutMix.

    Raises:
        ValueError: A number is negative, or both are 0.

    Example:
        >>> Mixing(mixup_alpha=0.2)
        Mixing(mixup_alpha=0.2, cutmix_alpha=0.0)
    """

    mixup_alpha: float = 0.0
    cutmix_alpha: float = 0.0

    def __post_init__(self) -> None:
        validate.number("mixup_alpha", self.mixup_alpha, minimum=0)
        validate.number("cutmix_alpha", self.cutmix_alpha, minimum=0)
        if not self.mixup_alpha and not self.cutmix_alpha:
            raise ValueError(
                "`mixup_alpha` or `cutmix_alpha` must be above 0; no mixing at all is `None` in "
                f"place of the record. {validate.received('mixing', self)}"
            )
