"""Packaging of keras-classic-cnns: what it is called, what it needs, what it installs."""

import pathlib
import re

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent


def read_version() -> str:
    """Reads the version without importing the package, which would import Keras."""
    text = (HERE / "keras_classic_cnns" / "version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE).group(1)


REQUIRED = [
    "absl-py",
    "h5py",  # weights files
    "importlib_resources",  # tensorflow-datasets imports it without declaring it
    "keras~=3.15.0",
    "keras-cv~=0.9.0",
    "numpy>=2",
    "protobuf",
    "ml-dtypes",  # half precision in weights files; tensorflow needs it anyway
    "requests>=2.21",  # weights; tensorflow needs it anyway
    "safetensors",
    "tensorflow~=2.21.0",
    "tensorflow-datasets~=4.9.10",
]
DEMO = ["matplotlib", "pillow", "scikit-learn", "tensorboard"]
SERVE = ["grpcio", "tensorflow-serving-api~=2.21.0"]
ONNX = ["onnxruntime", "tf2onnx"]
TEST = [*DEMO, *SERVE, "hypothesis", "pytest", "pytest-xdist", "ruff"]
DOCS = ["mkdocs"]

setup(
    name="keras-classic-cnns",
    version=read_version(),
    description="The classic convolutional networks for Keras 3, exact to their papers",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords="keras tensorflow convolutional-neural-network lenet resnet resnext",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Recognition",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["keras_classic_cnns", "keras_classic_cnns.*"]),
    package_data={"": ["py.typed", "*.json", "*.pyi", "key_maps/*.json", "bundled/*"]},
    python_requires=">=3.11,<3.14",
    install_requires=REQUIRED,
    extras_require={"demo": DEMO, "serve": SERVE, "onnx": ONNX, "test": TEST, "docs": DOCS},
    # a file and not an entry point, since it sets TensorFlow's switches before the package loads
    scripts=["scripts/keras-classic-cnns"],
    zip_safe=False,
)
