"""What the code of a processor asks of Postgres: the named queries that it can come to run.

Read off the sources, so that a query which somebody adds counts from the moment it is written. All
of the processor's own folder counts, and what it refers to elsewhere, function by function, since
a table's module serves several: `QUERIES["name"]` there is looked up in the file that it loads.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import sql

ROOT: Final = Path(__file__).parents[2]
OURS: Final = "processors"

Unit = tuple[str, str]
"""A module, and a function or class at its top; without a name: what runs when it is loaded."""


def queries_of(processor: str) -> dict[str, str]:
    """`file.name` -> SQL of every query that a processor can come to run."""
    entry = f"{OURS}.{processor}"
    waiting: list[Unit] = []
    modules, live = {entry}, set[Unit]()
    waiting += _all_of(entry)
    found: dict[str, str] = {}
    while waiting:
        unit = waiting.pop()
        if unit in live:
            continue
        live.add(unit)
        module = _module(unit[0])
        for node in module.units.get(unit[1], ()):
            found |= _queries(node, module)
            waiting += _references(node, unit[0], module)
        for name in module.loads - modules:
            modules.add(name)
            inside = name == entry or name.startswith(f"{entry}.")
            waiting += _all_of(name) if inside else [(name, "")]
    return found


@dataclass(slots=True)
class Module:
    """A source file of ours."""

    units: dict[str, list[ast.stmt]] = field(default_factory=dict)
    """What stands at its top, by name; "" is what has none."""
    names: dict[str, Unit] = field(default_factory=dict)
    """What is imported, as it is called here."""
    files: dict[str, str] = field(default_factory=dict)
    """Tables of queries, and the files that they are of."""

    @property
    def loads(self) -> set[str]:
        """The modules that come with it."""
        return {module for module, _ in self.names.values()}


def _all_of(module: str) -> list[Unit]:
    return [(module, name) for name in ("", *_module(module).units)]


def _path(module: str) -> Path | None:
    plain = ROOT / f"{module.replace('.', '/')}.py"
    package = ROOT / module.replace(".", "/") / "__init__.py"
    return next((path for path in (plain, package) if path.exists()), None)


@cache
def _module(name: str) -> Module:
    path = _path(name)
    assert path is not None, name
    made = Module()
    tree = ast.parse(path.read_text())
    for node in tree.body:
        match node:
            case (
                ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own)
            ):
                made.units.setdefault(own, []).append(node)
                continue
            case (
                ast.Assign(targets=[target], value=ast.Call(func, [file, *_]))
                | ast.AnnAssign(target=target, value=ast.Call(func, [file, *_]))
            ) if ast.unparse(func) == "sql.load":
                made.files[ast.unparse(target)] = ast.literal_eval(file)
        made.units.setdefault("", []).append(node)
    for inner in ast.walk(tree):
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith(f"{OURS}."):
            made.names |= dict(_imported(inner, str(inner.module)))
    return made


def _imported(node: ast.ImportFrom, module: str) -> Iterator[tuple[str, Unit]]:
    for name in node.names:
        inner = f"{module}.{name.name}"
        called = name.asname or name.name
        yield called, (inner, "") if _path(inner) is not None else (module, name.name)


def _references(node: ast.AST, here: str, module: Module) -> Iterator[Unit]:
    """What it names of this module and of others."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            if inner.id in module.units:
                yield here, inner.id
            elif inner.id in module.names:
                yield module.names[inner.id]
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            of, name = module.names.get(inner.value.id, ("", "-"))
            if not name:
                yield of, inner.attr


def _queries(node: ast.AST, module: Module) -> dict[str, str]:
    found = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name):
            file = _file(inner.value.id, module)
            if file is not None:
                texts = sql.load(file)
                index = inner.slice
                chosen = index.value if isinstance(index, ast.Constant) else None
                # A variable may be any of them.
                for name in texts if chosen is None else (str(chosen),):
                    found[f"{file}.{name}"] = texts[name]
    return found


def _file(name: str, module: Module) -> str | None:
    if name in module.files:
        return module.files[name]
    of, inner = module.names.get(name, ("", ""))
    return _module(of).files.get(inner) if inner else None
