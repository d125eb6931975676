"""How far an import has come, beside its file: a repeat skips what the gateway has taken."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(slots=True)
class Checkpoint:
    """The rows up to `row` are done. `content` is the file's hash, `target` names the gateway,
    the key and the kind of rows: with another of them the import begins anew."""

    content: str
    target: str
    row: int = 0
    accepted: int = 0
    rejected: int = 0


def beside(path: Path) -> Path:
    """Where the checkpoint of a file is."""
    return path.with_name(f"{path.name}.checkpoint.json")


def target(*parts: str) -> str:
    """One name for a gateway, a key and a kind, that gives none of them away."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def load(path: Path, *, target: str) -> Checkpoint:
    """Where to go on with the file; a new checkpoint when there is none that fits."""
    content = _digest(path)
    try:
        found = Checkpoint(**json.loads(beside(path).read_text()))
    except (OSError, ValueError, TypeError):
        return Checkpoint(content, target)
    same = found.content == content and found.target == target
    return found if same else Checkpoint(content, target)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Whole or not at all."""
    place = beside(path)
    fresh = place.with_name(f"{place.name}.new")
    fresh.write_text(json.dumps(asdict(checkpoint)))
    fresh.replace(place)


def forget(path: Path) -> None:
    """The import is done."""
    beside(path).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
