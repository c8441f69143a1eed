"""The command line: `keras-classic-cnns train ...`, which is `scripts/train.py ...` as well.

A command is a settings record, whose fields are its flags, and a function. What computes is
imported only when a command runs.
"""

import dataclasses
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from absl import logging

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.errors import (
    DistributionError,
    DivergedError,
    MissingDataError,
    OutOfMemoryError,
    WeightsUnavailableError,
    close_matches,
)
from keras_classic_cnns.training import jobs, onednn
from keras_classic_cnns.training.flags import UsageError, help_text, parse
from keras_classic_cnns.training.settings import Settings, model_options, setting
from keras_classic_cnns.version import __version__

PROGRAM = "keras-classic-cnns"
# What a user can mend, told in one message. Anything else is a fault of ours and shows its trace.
KNOWN_ERRORS = (
    ValueError,
    TypeError,
    OSError,
    DistributionError,
    DivergedError,
    OutOfMemoryError,
    MissingDataError,
    WeightsUnavailableError,
    ImportError,
)


@dataclasses.dataclass(frozen=True)
class CommonSettings(Settings):
    """Flags of every command."""

    onednn: bool | None = setting(
        "Let TensorFlow compute with oneDNN, which is mostly faster; by itself TensorFlow does "
        "so on newer CPUs only.",
        None,
        check=validate.boolean,
        absent=f"on, unless the environment variable {onednn.VARIABLE} says otherwise",
    )
    debug: bool = setting("Show where in the code an error arose.", False, check=validate.boolean)


@dataclasses.dataclass(frozen=True)
class Command:
    """A command.

    Args:
        settings: The record its flags come from.
        run: Takes the record, returns the exit code.
        summary: What it does.
    """

    settings: type[Settings]
    run: Callable[[Any], int]
    summary: str


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        words: The command and what follows it; by default those the program was started with.

    Returns:
        The exit code: 0 where all went well, 1 for an error, 2 for a wrong command line, 75 where
        another worker of a training run has ended, and 128 plus the signal's number where a signal
        stopped a training run (130 for Ctrl-C).
    """
    words = list(sys.argv[1:] if words is None else words)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if words else 2
    if words[0] == "--version":
        print(f"{PROGRAM} {__version__}")
        return 0
    try:
        command = _find(words[0])
    except UsageError as error:
        print(f"{PROGRAM}: {error} (see {PROGRAM} --help)", file=sys.stderr)
        return 2
    return run_command(command, words[1:], f"{PROGRAM} {words[0]}")


def run_command(command: Command, words: Sequence[str], usage: str) -> int:
    """Reads the flags of a command, of this program or of a script of its own, and runs it.

    Args:
        command: The command.
        words: What follows it on the command line.
        usage: How it is called, `"keras-classic-cnns train"`. Its first word signs the errors.

    Returns:
        The exit code, as of `main`.
    """
    program, records = usage.split()[0], [command.settings, CommonSettings]
    try:
        if any(word in ("-h", "--help") for word in words):
            print(help_text(usage, command.summary, records))
            return 0
        settings, common = parse(records, words)
    except UsageError as error:
        print(f"{program}: {error} (see {usage} --help)", file=sys.stderr)
        return 2
    return _run(command, settings, common, program)


def _run(command: Command, settings: Settings, common: CommonSettings, program: str) -> int:
    if not common.debug:
        logging.set_verbosity(logging.ERROR)  # TFDS warns of its own deprecations
    try:
        onednn.report(common.onednn)
        return command.run(settings)
    except KNOWN_ERRORS as error:
        if common.debug:
            traceback.print_exc()
        else:
            hint = "" if "Received: " in str(error) else " (--debug shows where)"
            notes = getattr(error, "__notes__", ())
            print("\n".join([f"{program}: {error}{hint}", *notes]), file=sys.stderr)
        return getattr(error, "exit_code", 1)
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130


def _find(name: str) -> Command:
    if name not in COMMANDS:
        raise UsageError(
            f"There is no command {name!r}. {close_matches(name, COMMANDS)}"
            f"The commands are {', '.join(COMMANDS)}"
        )
    return COMMANDS[name]


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items())
    return "\n".join(
        [
            f"Usage: {PROGRAM} COMMAND [words and flags]",
            "",
            "Classic convolutional networks for Keras: train, evaluate, use and export them.",
            "",
            "Commands:",
            *lines,
            "",
            f"{PROGRAM} COMMAND --help tells a command's flags; {PROGRAM} --version the version.",
        ]
    )


def _train(settings: jobs.TrainSettings) -> int:
    from keras_classic_cnns import training

    stopped_by = training.train(settings).stopped_by
    return 128 + stopped_by if stopped_by else 0


def _evaluate(settings: jobs.EvaluateSettings) -> int:
    from keras_classic_cnns import training

    result = training.evaluate(settings)
    if settings.json:
        print(json.dumps(result.as_json(), indent=2))
        return 0
    print(f"{result}\n\nResults: {result.report}")
    if result.picture:
        print(f"Picture: {result.picture}")
    return 0


def _predict(settings: jobs.PredictSettings) -> int:
    from keras_classic_cnns import training

    found = training.predict(settings)
    if settings.json:
        print(json.dumps([prediction.as_json() for prediction in found], indent=2))
    else:
        print("\n".join(str(prediction) for prediction in found if not prediction.error))
    unread = [prediction for prediction in found if prediction.error]
    for prediction in unread:
        print(f"{PROGRAM}: {prediction.image}: {prediction.error}", file=sys.stderr)
    return 1 if unread else 0


def _export(settings: jobs.ExportSettings) -> int:
    from keras_classic_cnns import export, training

    folder = training.export_trained(settings)
    found = export.check(folder)
    print(f"SavedModel: {folder}")
    print(f"  signatures {', '.join(found['signatures'])}; {found['classes']} classes")
    print(f"  for TensorFlow Serving: --model_base_path={folder.parent.resolve()}")
    return 0


def _summary(settings: jobs.SummarySettings) -> int:
    from keras_classic_cnns import analysis, registry

    spec = registry.get_spec(settings.model)
    arguments = model_options(settings.option, spec.options)
    if settings.classes is not None:
        arguments["classes"] = settings.classes
    if settings.input_shape is not None:
        arguments["input_shape"] = settings.input_shape
    cost = analysis.cost(registry.get_model(spec.name, **arguments, weights=None))
    print(f"{spec.constructor}: {spec.summary}\n{spec.paper}\n\n{cost}\n")
    totals = cost.totals
    print(
        f"{totals.parameters:,} parameters ({totals.trainable:,} trainable), "
        f"{totals.macs:,} multiply-accumulates and {totals.activations:,} activations an image"
    )
    return 0


def _list(settings: jobs.ListSettings) -> int:
    from keras_classic_cnns import registry

    names = registry.list_models(settings.pattern)
    if not names:
        raise ValueError(
            "No model's name matches; without a pattern all are listed. "
            f"{validate.received('pattern', settings.pattern)}"
        )
    width = max(map(len, names))
    column = f"{'parameters':>11}  " if settings.parameters else ""
    print(f"{'name':<{width}}  {'input':>9}  classes  {column}summary")
    for name in names:
        spec = registry.get_spec(name)
        size = f"{spec.input_size}x{spec.input_size}x{spec.channels}"
        column = f"{_trainable(name):>11,}  " if settings.parameters else ""
        print(f"{name:<{width}}  {size:>9}  {spec.classes:>7}  {column}{spec.summary}", flush=True)
    return 0


def _trainable(name: str) -> int:
    """The trainable parameters of a network at its defaults."""
    from keras_classic_cnns import analysis, registry

    return analysis.cost(registry.get_model(name, weights=None)).totals.trainable


COMMANDS = {
    "list": Command(jobs.ListSettings, _list, "Lists the networks there are."),
    "summary": Command(
        jobs.SummarySettings, _summary, "Shows a network, and what its layers cost."
    ),
    "train": Command(jobs.TrainSettings, _train, "Trains a network, or goes on with training it."),
    "evaluate": Command(jobs.EvaluateSettings, _evaluate, "Measures how often a network is right."),
    "predict": Command(jobs.PredictSettings, _predict, "Names the classes of image files."),
    "export": Command(jobs.ExportSettings, _export, "Writes a SavedModel for TensorFlow Serving."),
}

if __name__ == "__main__":
    sys.exit(main())
