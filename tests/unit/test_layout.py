"""The rules of the tree: where things are, how long, and what they may be called and may import."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sql
from processors.registry import PROCESSORS

ROOT = Path(__file__).parents[2]
TOP = {
    "Makefile", "README.md", "deploy", "processors", "pyproject.toml", "requirements.lock",
    "schemas", "sql", "tests",
}  # fmt: skip
GENERATED = re.compile(
    r"deploy/examples/attributary\.env|(deploy/|tests/sdks/)?requirements\.lock|deploy/build\.lock|sql/schema\.sql|schemas/json/.*"
)
DATA = frozenset({".json", ".jsonl", ".csv", ".parquet"})
LONGEST, LONGEST_README = 400, 120
SAYS_NOTHING = frozenset({"utils", "util", "common", "helpers", "helper", "misc", "core", "shared"})
IMPURE = ("asyncpg", "aiokafka", "httpx", "processors.engine.postgres", "time", "random", "sql")
# Spelled in parts, so that this file does not name what it forbids.
PLACES = re.compile(
    "|".join(
        [r"(?<![\w.])/" + "root/", r"(?<![\w.])/" + "work/", r"(?<![\w.])/" + r"home/\w+/"]
        + [name + r"\." + end for name, end in (("pypi", "org"), ("pythonhosted", "org"))]
        + [r"repo1?\." + "maven", "registry" + r"\." + "npmjs", "proxy" + r"\." + "golang"]
        + ["artifact" + "ory", r"index-url[ =]+http"]
    )
)


@cache
def tracked() -> tuple[str, ...]:
    """What git has, as paths from the top; for a tree without git, everything but dot folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        return tuple(name for name in listed.stdout.split("\0") if (ROOT / name).is_file())
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    hidden = re.compile(r"\.|__pycache__")
    return tuple(str(p) for p in found if not any(hidden.match(part) for part in p.parts))


def sources(folder: str) -> Iterator[Path]:
    """Python files of a folder."""
    return (ROOT / name for name in tracked() if re.match(rf"{folder}/.*\.py$", name))


def test_the_top_level_holds_only_what_it_may() -> None:
    found = {name.partition("/")[0] for name in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        name: len((ROOT / name).read_text().splitlines())
        for name in tracked()
        if Path(name).suffix not in DATA and not GENERATED.fullmatch(name)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert lengths["README.md"] <= LONGEST_README


def test_every_name_of_a_module_says_something() -> None:
    parts = {name: {*Path(name).with_suffix("").parts} for name in tracked()}
    assert [name for name, said in parts.items() if said & SAYS_NOTHING] == []


def test_every_module_says_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for folder in ("processors", "schemas", "sql", "deploy", "tests")
        for path in sources(folder)
        if path.read_text() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("name", list(PROCESSORS))
def test_a_processor_has_its_folder_its_description_and_a_pure_core(name: str) -> None:
    folder = ROOT / "processors" / name
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    imported = set(_imports(folder / "handle.py"))
    assert [module for module in imported if module.startswith(IMPURE)] == []
    assert not any(
        isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(_tree(folder / "handle.py"))
    )


def test_every_query_that_code_names_exists_and_every_query_is_named() -> None:
    users = {path: found for path in sources("processors") if (found := _query_file(path))}
    assert users
    said: dict[str, set[str]] = {}
    for path, name in users.items():
        known = sql.load(name)
        assert {query for query in _subscripts(path) if query not in known} == set(), path.name
        said.setdefault(name, set()).update(_texts(path))
    files = {path.stem for path in (ROOT / "sql" / "queries").iterdir()}
    assert said.keys() == files
    assert {name: left for name in files if (left := sql.load(name).keys() - said[name])} == {}


def test_no_file_names_a_machine_or_a_registry() -> None:
    named = {}
    for name in tracked():
        if not name.endswith("requirements.lock") and Path(name).suffix not in {".png", ".parquet"}:
            text = (ROOT / name).read_text(errors="replace")
            if found := PLACES.search(text):
                named[name] = found.group()
    assert named == {}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _imports(path: Path) -> Iterator[str]:
    for part in ast.walk(_tree(path)):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield part.module or ""


def _query_file(path: Path) -> str | None:
    """The query file that a module uses: the one it loads, or that of the QUERIES it imports."""
    for part in ast.walk(_tree(path)):
        if isinstance(part, ast.Call) and ast.unparse(part.func) == "sql.load":
            return str(ast.literal_eval(part.args[0]))
    for part in _tree(path).body:
        if isinstance(part, ast.ImportFrom) and any(a.name == "QUERIES" for a in part.names):
            return _query_file(ROOT / f"{(part.module or '').replace('.', '/')}.py")
    return None


def _subscripts(path: Path) -> Iterator[str]:
    """The x of every QUERIES["x"]; the walk sees `self._queries`, too."""
    for part in ast.walk(_tree(path)):
        if (
            isinstance(part, ast.Subscript)
            and ast.unparse(part.value).lower().endswith("queries")
            and isinstance(part.slice, ast.Constant)
        ):
            yield str(part.slice.value)


def _texts(path: Path) -> Iterator[str]:
    for part in ast.walk(_tree(path)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
