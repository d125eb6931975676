"""Running the pixel's sources in Node."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

Cases = Sequence[Sequence[Any]]
Ask = Callable[[str, str, Cases], list[Any]]

HERE: Final = Path(__file__).parent
PIXEL: Final = HERE.parents[3] / "processors" / "gateway" / "pixel"


def program(name: str) -> str:
    """Where the program is, if the pixel's tools are there, too."""
    found = shutil.which(name)
    assert found, (
        f"missing: {name}. `make test` installs it where it may; else: "
        "sudo apt-get install nodejs npm"
    )
    assert (PIXEL / "node_modules" / ".package-lock.json").exists(), (
        f"missing: the pixel's tools. `make test` installs them; else: npm ci --prefix {PIXEL}"
    )
    return found


def node(*command: str, given: object = None, folder: Path = PIXEL) -> str:
    """What the command says, run where the sources and their tools are, or a copy of them."""
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def evaluating() -> Iterator[Ask]:
    """A process that answers what functions of `src/` answer."""
    command = [program("node"), str(HERE / "evaluate.mjs")]
    with subprocess.Popen(
        command, cwd=PIXEL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def ask(module: str, function: str, cases: Cases) -> list[Any]:
            """What the function answers to each case."""
            assert process.stdin
            assert process.stdout
            asked = {"module": f"src/{module}.ts", "function": function, "cases": cases}
            print(json.dumps(asked), file=process.stdin, flush=True)
            line = process.stdout.readline()
            assert line, "the function has thrown; see above"
            return list(json.loads(line))

        yield ask
        process.stdin.close()
