"""What every command shares: one console, one way to run and to print."""

import asyncio
import json
import os
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dry = Annotated[bool, typer.Option(help="Only count.")]
Given = TypeVar("Given")


def told(*examples: str, one: str = "", json: str = "") -> str:
    """What stands under a command's help: examples, the form of its JSON, and its exit codes.

    Args:
        examples: what follows `attributary`.
        one: when the exit code is 1; empty for a command that has none.
        json: what `--json` prints.
    """
    lines = ["Examples:", *(f"attributary {example}" for example in examples)]
    lines += [f"--json prints {json}."] if json else []
    codes = ["0: done, all is well", *([f"1: {one}"] if one else [])]
    lines.append(f"Exit codes: {'; '.join(codes)}; 2: refused, or a server does not answer.")
    return "\n\n".join(lines)


def do(work: Coroutine[Any, Any, Given]) -> Given:
    """Run a coroutine to its end."""
    return asyncio.run(work)


def say(document: object, *, as_json: bool, text: str) -> None:
    """Print the document as JSON, or the text."""
    out.print_json(json.dumps(document)) if as_json else out.print(text, markup=False)


def gateways() -> list[str]:
    """The gateways that GATEWAY_URL names, separated by commas."""
    return [url.strip() for url in os.environ.get("GATEWAY_URL", "").split(",") if url.strip()]
