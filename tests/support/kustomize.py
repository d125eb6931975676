"""Kustomizations without kustomize: what a folder names, and what is patched in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
Document = dict[str, Any]


@cache
def kustomization(folder: str) -> Document:
    """The kustomization of a folder below `deploy/kubernetes`."""
    found: Document = yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text())
    return found


def resources(folder: str) -> list[Document]:
    """What a folder leads to, before its own patches; a file that is not there is an error."""
    named = kustomization(folder)
    found: list[Document] = []
    for entry in [*named.get("resources", ()), *named.get("components", ())]:
        path = (FOLDER / folder / entry).resolve()
        if path.is_dir():
            found += resources(str(path.relative_to(FOLDER)))
        else:
            found += yaml.safe_load_all(path.read_text())
    return found


def patched(folder: str) -> Iterator[tuple[Document, str, Any]]:
    """(document, pointer, value) of each replacement that a folder makes.

    Raises:
        KeyError: for a pointer to what is not there, as kustomize would refuse it.
    """
    for patch in kustomization(folder).get("patches", ()):
        given = patch.get("patch") or (FOLDER / folder / patch["path"]).read_text()
        target = patch["target"]
        hit = [row for row in resources(folder) if _is_meant(row, target)]
        if not hit:
            raise KeyError(f"{folder}: nothing is {target}")
        for document in hit:
            for step in yaml.safe_load(given):
                if step["op"] != "replace":
                    raise KeyError(f"{folder}: {step['op']} is not read here")
                _replace(document, step["path"], step["value"])
                yield document, step["path"], step["value"]


def _is_meant(document: Document, target: dict[str, str]) -> bool:
    name = document["metadata"]["name"]
    kind = re.fullmatch(target.get("kind", ".*"), document["kind"])
    return bool(kind and re.fullmatch(target.get("name", ".*"), name))


def _replace(document: Document, pointer: str, value: Any) -> None:
    *way, last = pointer.strip("/").split("/")
    place: Any = document
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    key = int(last) if isinstance(place, list) else last
    if not isinstance(key, int) and key not in place:
        raise KeyError(pointer)
    place[key] = value
