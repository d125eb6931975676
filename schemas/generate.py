"""Writes `schemas/json/<contract>.json` from the models; `--check` fails on drift instead."""

import json
import sys
from pathlib import Path

from schemas.topics import DEAD_LETTERS, TOPICS

FOLDER = Path(__file__).parent / "json"


def rendered() -> dict[str, str]:
    """File name to JSON Schema text, one per contract; dead letters share one, as deliveries do."""
    models = {topic.contract: topic.model for topic in TOPICS.values()}
    models["dead_letters"] = next(iter(DEAD_LETTERS.values())).model
    return {
        f"{name}.json": json.dumps(model.model_json_schema(), indent=1, sort_keys=True) + "\n"
        for name, model in models.items()
    }


def drift() -> list[str]:
    """Names of the files that differ from what the models say, missing and surplus ones too."""
    wanted = rendered()
    found = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def main() -> int:
    """Generate, or check with `--check`."""
    changed = drift()
    if "--check" in sys.argv:
        if changed:
            sys.stderr.write(f"JSON Schema drift in {', '.join(changed)}: run `make format`\n")
        return 1 if changed else 0
    FOLDER.mkdir(exist_ok=True)
    wanted = rendered()
    for name in changed:
        path = FOLDER / name
        if name in wanted:
            path.write_text(wanted[name])
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
