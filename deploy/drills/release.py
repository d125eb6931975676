"""The release before this one, found in the history of the checkout and run from a tree of its own.

A release is a commit. The one before is the newest whose migrations are the first of ours, byte for
byte, and not all of them: its database is one that `attributary migrate` of this tree upgrades. Its
processes run with the same interpreter and packages, and with its own code.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.failure import LocalStackError
from deploy.local.jars import PROJECT

PATH: Final = "PYTHONPATH"
_MIGRATIONS: Final = "sql/migrations"

Migrations = Mapping[str, str]
"""File -> hash of its content."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A commit, what it says, and the migrations that it lacks."""

    commit: str
    subject: str
    lacks: tuple[str, ...]


def is_upgraded(older: Migrations, newer: Migrations) -> bool:
    """Whether the newer migrations are those of the older, and more after them."""
    added = newer.keys() - older.keys()
    return bool(older) and bool(added) and older.items() < newer.items() and max(older) < min(added)


def before() -> Release:
    """The release before this checkout.

    Raises:
        LocalStackError: in a tree without history, or in one whose history has none.
    """
    if _try("rev-parse", "--git-dir") is None:
        raise LocalStackError(
            "a rolling upgrade needs an older release, which is taken from git's history, and "
            f"{PROJECT} has none: clone the repository with its history"
        )
    ours = _ours()
    for commit in _git("rev-list", "--first-parent", "HEAD").split():
        theirs = _migrations(commit)
        if is_upgraded(theirs, ours):
            subject = _git("show", "--no-patch", "--format=%s", commit).strip()
            return Release(
                commit=commit, subject=subject, lacks=tuple(sorted(ours.keys() - theirs.keys()))
            )
    raise LocalStackError("git's history has no commit with fewer migrations (a shallow clone?)")


def check_out(release: Release, folder: Path) -> Path:
    """The release's files in an empty folder below this one; returns it."""
    tree = folder.absolute() / release.commit[:12]
    if not tree.exists():
        part = tree.with_suffix(".part")
        part.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "-C", str(PROJECT), "archive", release.commit], capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", str(part)], input=archive.stdout, check=True)
        part.rename(tree)
    return tree


def variables(tree: Path) -> dict[str, str]:
    """What a process is started with so that it runs the code in this tree, wherever it starts."""
    return {PATH: str(tree), "PYTHONSAFEPATH": "1"}


def _ours() -> dict[str, str]:
    files = [str(path.relative_to(PROJECT)) for path in (PROJECT / _MIGRATIONS).glob("*.sql")]
    return dict(zip(files, _git("hash-object", *files).split(), strict=True))


def _migrations(commit: str) -> dict[str, str]:
    rows = (line.split("\t") for line in _git("ls-tree", commit, f"{_MIGRATIONS}/").splitlines())
    return {path: about.split()[2] for about, path in rows if path.endswith(".sql")}


def _git(*arguments: str) -> str:
    found = _try(*arguments)
    if found is None:
        raise LocalStackError(f"git {arguments[0]} failed in {PROJECT}")
    return found


def _try(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
