import json
import shlex

from keras_classic_cnns import cli
from keras_classic_cnns.training import build, jobs, record
from keras_classic_cnns.training.flags import parse


def test_a_command_leads_back_to_its_settings(settings):
    for chosen in (
        settings("runs/a b", augment=()),
        settings("runs/c", option=("variant=1998",), seed=3),
        jobs.TrainSettings(model="lenet5", dataset="mnist"),
    ):
        program, job, *words = shlex.split(record.command_of(chosen))
        assert (program, job) == (cli.PROGRAM, "train")
        assert parse([jobs.TrainSettings], words) == [chosen]


def test_other_jobs_have_bare_words():
    chosen = jobs.PredictSettings(path="run", images=("a b.png", "c.png"), json=True)
    text = record.command_of(chosen, "predict")
    assert text == "keras-classic-cnns predict --json run 'a b.png' c.png"


def test_the_record_is_json_and_comes_back_equal(settings):
    made = record.record_of(build.make_plan(settings("unused", option=("variant=1998",))))
    assert json.loads(json.dumps(made["run"])) == made["run"]
    assert json.loads(json.dumps(made["recipe"])) == made["recipe"]
    assert made["run"]["option"] == {"variant": "1998"}
    assert made["recipe"]["learning_rate"] == 0.05
    assert made["run"]["crop_fraction"] is None and made["recipe"]["mixing"] is None
    modern = record.record_of(build.make_plan(settings("unused", recipe="modern")))
    assert modern["run"]["crop_fraction"] == 224 / 232
    assert modern["recipe"]["mixing"] == {"mixup_alpha": 0.2, "cutmix_alpha": 1.0}
    assert made["versions"]["tensorflow"].startswith("2.")
