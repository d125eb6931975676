"""Writes `deploy/examples/attributary.env`, every setting there is: `python -m
deploy.examples.template`. Made out of the settings classes, so it cannot promise one that is not
read; a test compares.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import SecretStr
from pydantic.fields import FieldInfo

import processors
from processors.engine.settings import Settings
from processors.platforms.grant import App
from processors.platforms.grants import GRANTS

PATH: Final = Path(__file__).with_name("attributary.env")
_ROOT: Final = Path(processors.__file__).parent
_CLASS: Final = re.compile(r"^class \w+\(\w*Settings\):", re.MULTILINE)
HEADER: Final = """\
# Every setting, with what holds without it. Take a line out of its comment to change it; what is
# marked `required` has no default. Secrets are empty here: keep them out of version control, and
# let the place where you run this put them into the environment. Made by
# `python -m deploy.examples.template`; `attributary run NAME --check` shows what a process reads.
"""
_UNITS: Final = ("seconds", "minutes", "hours", "days", "bytes", "ms", "records", "rows", "items",
                 "per_minute", "per_second")  # fmt: skip


def text() -> str:
    """The whole file."""
    lines, told = [HEADER], set[str]()
    for title, names in sections():
        fresh = [(name, field) for name, field in names if name not in told]
        if fresh:
            told.update(name for name, _ in fresh)
            lines.append(f"## {title}")
            lines += [_line(name, field) for name, field in fresh]
            lines.append("")
    return "\n".join(lines)


def sections() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Title, and the variables of each class of settings; those of an app by platform."""
    for found in classes():
        if found is not App:
            doc = " ".join((found.__doc__ or "").split())
            yield f"{found.__name__}: {doc}", _variables(found)
    for platform in sorted(GRANTS):
        prefix = f"ATTRIBUTARY_{platform.upper()}_"
        fields = [(f"{prefix}{name.upper()}", field) for name, field in App.model_fields.items()]
        yield f"Our application at {platform}, for sign-ins", fields


def classes() -> list[type[Settings]]:
    """Every class of settings, by module and name; only their modules are loaded."""
    for file in _ROOT.rglob("*.py"):
        if _CLASS.search(file.read_text()):
            importlib.import_module(".".join(file.relative_to(_ROOT.parent).with_suffix("").parts))
    found = {one for one in _below(Settings) if one.__module__.startswith("processors.")}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def value(field: FieldInfo) -> str:
    """The default as the environment has it; nothing for a secret or what is required."""
    default = field.get_default(call_default_factory=False)
    if field.is_required() or isinstance(default, SecretStr) or default is None:
        return ""
    return _written(default)


def _variables(of: type[Settings]) -> list[tuple[str, FieldInfo]]:
    return [(of.variable(name), field) for name, field in of.model_fields.items()]


def _line(name: str, field: FieldInfo) -> str:
    unit = next((one for one in _UNITS if name.lower().endswith(f"_{one}")), "")
    notes = ["required"] if field.is_required() else []
    notes += ["secret"] if "SecretStr" in str(field.annotation) else []
    notes += [unit.replace("_", " ")] if unit else []
    notes += [field.description] if field.description else []
    said = f"# {'; '.join(notes)}\n" if notes else ""
    return f"{said}#{name}={value(field)}"


def _written(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, dict | list | tuple):
        return orjson.dumps(default).decode()
    return str(default.value if isinstance(default, Enum) else default)


def _below(base: type[Settings]) -> Iterator[type[Settings]]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)


def main() -> int:
    """Write it, or with `--check` compare; the exit code."""
    if "--check" in sys.argv[1:]:
        return 0 if PATH.read_text() == text() else 1
    PATH.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
