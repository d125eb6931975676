"""The template of settings names every setting that is read, and no secret."""

import re

import pytest

from deploy.examples import template
from processors.platforms.grant import App

_LINE = re.compile(r"^#([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


def test_the_template_is_what_the_settings_make() -> None:
    assert template.PATH.read_text() == template.text(), "python -m deploy.examples.template"


def test_every_variable_is_there_once_and_what_is_secret_is_empty() -> None:
    lines = _LINE.findall(template.PATH.read_text())
    assert len({name for name, _ in lines}) == len(lines)
    told = dict(lines)
    for _, variables in template.sections():
        for name, field in variables:
            assert name in told
            if "SecretStr" in str(field.annotation):
                assert told[name] == ""


def test_what_the_template_says_is_what_holds_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict(_LINE.findall(template.PATH.read_text()))
    for found in template.classes():
        required = [name for name, field in found.model_fields.items() if field.is_required()]
        if required or found is App:
            continue
        names = {found.variable(name) for name in found.model_fields}
        for name in names:
            monkeypatch.delenv(name, raising=False)
        without = found.load()
        for name in names & set(told):
            if told[name]:
                monkeypatch.setenv(name, told[name])
        assert found.load() == without, found.__name__
