"""Bugs to plant, so that a drill shows that it would see them.

A plant is a few edits of the source, each an exact text that must be there exactly once, applied to
a COPY of the tree, from which the processes then run. The code itself knows no switch for bugs.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.jars import PROJECT

_PACKAGES: Final = ("processors", "schemas", "sql")
_NOT: Final = shutil.ignore_patterns("__pycache__", "node_modules")


class Moved(Exception):
    """The source is no longer as the plant knows it."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """In this file of the tree, this text becomes that one."""

    path: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        """Edit the file in place.

        Raises:
            Moved: when the text is not there exactly once.
        """
        file = tree / self.path
        text = file.read_text() if file.exists() else ""
        if (found := text.count(self.old)) != 1:
            raise Moved(f"{self.path} has the text of the plant {found} times:\n{self.old}")
        file.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A bug; `faults` and `targets` are those that bring it to light soonest."""

    name: str
    what: str
    edits: tuple[Edit, ...]
    faults: str
    targets: str = ""


_COMMIT: Final = """\
                await self._cycle.run(messages, give_up=give_up)
                await self._patience.for_answer(
                    "commit", consumer.commit(messages), give_up=give_up
                )
"""
_EARLY: Final = """\
                await self._patience.for_answer(
                    "commit", consumer.commit(messages), give_up=give_up
                )
                await self._cycle.run(messages, give_up=give_up)
"""
_NEW: Final = """\
        if row["inserted"]
    }
"""
_ONLY_NEW: Final = f"{_NEW}    facts.orders &= {{(tenant, name) for tenant, name, _ in inserted}}\n"

PLANTS: Final[Mapping[str, Plant]] = {
    plant.name: plant
    for plant in (
        Plant(
            name="commit-before-write",
            what="the offset is committed before the rows",
            edits=(Edit(path="processors/engine/worker.py", old=_COMMIT, new=_EARLY),),
            faults="kill-in-transaction",
            targets="identity-0,identity-1,summary-0,summary-1",
        ),
        Plant(
            name="emit-only-new-rows",
            what="identity points only to conversions whose rows were newly inserted",
            edits=(Edit(path="processors/identity/store.py", old=_NEW, new=_ONLY_NEW),),
            faults="kill-after-commit",
            targets="identity",
        ),
        Plant(
            name="ack-without-fsync",
            what="the gateway says 202 before its spool is on the disk",
            edits=(
                Edit(
                    path="processors/gateway/spool.py",
                    old="            os.fsync(file.fileno())\n        except OSError as error:\n",
                    new="        except OSError as error:\n",
                ),
            ),
            faults="power-cut",
        ),
    )
}


def planted(plant: Plant, folder: Path) -> Path:
    """A copy of the tree in this folder with the plant's edits; returns the folder.

    Raises:
        Moved: when an edit does not fit.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for package in _PACKAGES:
        shutil.copytree(PROJECT / package, folder / package, ignore=_NOT)
    for edit in plant.edits:
        edit.apply(folder)
    return folder
