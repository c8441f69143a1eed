import dataclasses

import pytest

from keras_classic_cnns.training import jobs
from keras_classic_cnns.training.settings import Settings

RECORDS = [record for record in vars(jobs).values() if isinstance(record, type)]
JOBS = [record for record in RECORDS if issubclass(record, Settings) and record is not Settings]
FIELDS = [
    pytest.param(record, field, id=f"{record.__name__}.{field.name}")
    for record in JOBS
    for field in dataclasses.fields(record)
]


@pytest.mark.parametrize(("record", "field"), FIELDS)
def test_every_default_passes_its_own_check(record, field):
    if field.default is dataclasses.MISSING:
        return
    if field.default is None:
        assert field.metadata["absent"]
    else:
        assert field.metadata["check"](field.name, field.default) == field.default


@pytest.mark.parametrize(("record", "field"), FIELDS)
def test_every_meaning_is_a_sentence(record, field):
    assert field.metadata["doc"][0].isupper() and field.metadata["doc"].endswith((".", ")."))


def test_versions_begin_at_zero():
    """As those of `export.saved_model` do."""
    assert jobs.ExportSettings(path="run", version=0).version == 0
    with pytest.raises(ValueError, match="`version` must be at least 0. Received: version=-1"):
        jobs.ExportSettings(path="run", version=-1)
