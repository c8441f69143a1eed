import dataclasses

import pytest

from keras_classic_cnns.training import jobs
from keras_classic_cnns.training.flags import UsageError, help_text, parse

NEEDED = ["--model=lenet5", "--dataset=digits"]


def train(*words):
    (settings,) = parse([jobs.TrainSettings], [*NEEDED, *words])
    return settings


def test_flags_become_settings():
    settings = train(
        *("--epochs", "3", "--learning_rate=0.5", "--augment=flip,cutout", "--progress=bar"),
        *("--option=variant=1998", "--option=a=1,2"),
    )
    assert settings == jobs.TrainSettings(
        model="lenet5",
        dataset="digits",
        epochs=3,
        learning_rate=0.5,
        augment=("flip", "cutout"),
        progress="bar",
        option=("variant=1998", "a=1,2"),
    )


def test_what_is_not_given_keeps_its_default():
    assert train() == jobs.TrainSettings(model="lenet5", dataset="digits")
    assert train("--augment=none").augment == ()
    assert train().augment is None


def test_bare_words_and_flags_may_be_mixed():
    (settings,) = parse([jobs.PredictSettings], ["run", "--top=2", "a.png", "b.png"])
    assert (settings.path, settings.images, settings.top) == ("run", ("a.png", "b.png"), 2)
    assert parse([jobs.ListSettings], [])[0].pattern == "*"
    assert parse([jobs.EvaluateSettings], ["run", "--json"])[0].json is True


@pytest.mark.parametrize(
    ("record", "words", "message"),
    [
        (jobs.TrainSettings, ["--model=x"], "Needed and not given: --dataset"),
        (jobs.TrainSettings, ["--epohcs=3"], "flag 'epohcs'. Did you mean: epochs"),
        (jobs.TrainSettings, [*NEEDED, "--epochs=two"], "flag --epochs=two"),
        (jobs.TrainSettings, [*NEEDED, "--epochs=0"], "Received: epochs=0"),
        (jobs.TrainSettings, [*NEEDED, "--progress=x"], "one of <auto|bar|line|none>"),
        (jobs.TrainSettings, [*NEEDED, "digits"], "Too many words: digits"),
        (jobs.PredictSettings, ["run"], "IMAGE... is missing: Image files"),
        (jobs.PredictSettings, [], "PATH is missing"),
        (jobs.SummarySettings, ["resnet50", "--input_shape=224"], "height, width and channels"),
    ],
)
def test_mistakes_are_told_in_a_line(record, words, message):
    with pytest.raises(UsageError) as error:
        parse([record], words)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("record", [jobs.TrainSettings, jobs.PredictSettings, jobs.ListSettings])
def test_help_tells_every_flag_with_its_meaning_and_default(record):
    text = " ".join(help_text("program job", "Does it.", [record]).split())
    for field in dataclasses.fields(record):
        assert field.name in text or field.name.upper().removesuffix("S") in text
        assert " ".join(field.metadata["doc"].split()) in text
        if field.metadata["absent"]:
            assert f"Default: {field.metadata['absent']}." in text


def test_help_tells_the_usage():
    text = help_text("program train", "Trains.", [jobs.TrainSettings])
    assert text.startswith("Usage: program train --model=WORD --dataset=WORD [flags]\n\nTrains.")
    assert max(map(len, text.splitlines())) <= 100
    assert "--progress=auto|bar|line|none" in text
    text = help_text("program predict", "Predicts.", [jobs.PredictSettings])
    assert text.startswith("Usage: program predict PATH IMAGE... [flags]")
    assert "  --[no]json\n      Print the results as JSON instead of a table. Default: off." in text
    assert "list [PATTERN] [flags]" in help_text("program list", "Lists.", [jobs.ListSettings])
