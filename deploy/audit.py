"""`python -m deploy.audit`: what we take in is pinned, licensed and not known to be weak.

Three questions of each package that runs in production (`deploy/requirements.lock`):

- is it pinned to one version with hashes (asked of every lock file)?
- is its licence, as its metadata tells, one of `ALLOWED`?
- does the index know a weakness of it? `pip-audit` asks. An index that has no such data (a mirror,
  most of the time) is said to have none, so nobody takes silence for a good answer.

Exit code 1 when an answer is bad; 0 when all are good or, for weaknesses, cannot be had.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

TOP: Final = Path(__file__).parents[1]
RUNS: Final = TOP / "deploy" / "requirements.lock"
LOCKS: Final = (
    RUNS,
    TOP / "requirements.lock",
    TOP / "deploy" / "build.lock",
    TOP / "tests" / "sdks" / "requirements.lock",
)
ALLOWED: Final = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC",
        "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Repoze Public License",
        "Unlicense", "ZPL-2.1", "Zlib",
    }
)  # fmt: skip
"""By SPDX where it has a name. MPL-2.0 binds changes of its own files alone, of which we make none;
Repoze's is BSD's with a clause on trademarks."""
NAMES: Final[Mapping[str, str]] = {
    "apache": "Apache-2.0", "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "bsd": "BSD-3-Clause", "bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause", "isc license (iscl)": "ISC", "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "python software foundation license":
    "PSF-2.0", "psf license": "PSF-2.0", "zope public license": "ZPL-2.1",
}  # fmt: skip
"""What packages write in place of SPDX's names, in lower case."""
KEYS: Final = ("License-Expression", "Classifier", "License")
_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_SECONDS: Final = 120.0


def pins(lock: Path) -> dict[str, str]:
    """Name and version of each package of a lock file."""
    found = (_PIN.match(line) for line in lock.read_text().splitlines())
    return {one[1].lower(): one[2] for one in found if one}


def unpinned(text: str) -> list[str]:
    """Requirements of a lock's text that have no single version, or no hash."""
    entries = re.split(r"\n(?=\S)", text.strip())
    wanted = [entry for entry in entries if not entry.startswith("#")]
    return [
        entry.splitlines()[0]
        for entry in wanted
        if not _PIN.match(entry) or "--hash=sha256:" not in entry
    ]


def licences(told: Mapping[str, list[str]]) -> set[str]:
    """The licences that a package's metadata names: its expression, else its classifiers, else its
    free text."""
    for expression in told.get("License-Expression", []):
        return {word for word in re.split(r"\s+(?:AND|OR)\s+|[()]", expression) if word.strip()}
    classified = [
        text.rpartition(" :: ")[2]
        for text in told.get("Classifier", [])
        if text.startswith("License :: ") and text != "License :: OSI Approved"
    ]
    words = classified or [text for text in told.get("License", []) if len(text) < 60]
    return {NAMES.get(word.strip().lower(), word.strip()) for word in words}


def unlicensed() -> Iterator[str]:
    """What runs under a licence that is not allowed, or that is not told."""
    for name, version in pins(RUNS).items():
        try:
            found = metadata(name)
        except PackageNotFoundError:
            yield f"{name} {version} is not installed: make check installs it"
            continue
        if found["Version"] != version:
            yield f"{name} {found['Version']} is installed, and {version} is locked"
        told = {key: found.get_all(key) or [] for key in KEYS}
        if not (names := licences(told)) or names - ALLOWED:
            yield f"{name} {version}: licence {', '.join(sorted(names)) or 'not told'}"


def weaknesses(report: Mapping[str, Any]) -> tuple[list[str], int]:
    """What `pip-audit` found, and of how many packages it could say nothing."""
    rows = report["dependencies"]
    found = [
        f"{row['name']} {row['version']}: {weakness['id']}, mended in"
        f" {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for row in rows
        for weakness in row.get("vulns", [])
    ]
    return found, sum("skip_reason" in row for row in rows)


def _asked() -> tuple[list[str], int]:
    done = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", "--requirement", str(RUNS), "--no-deps",
            "--disable-pip", "--progress-spinner", "off", "--format", "json",
        ],
        capture_output=True, text=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    try:
        return weaknesses(json.loads(done.stdout))
    except ValueError:  # it says on stderr alone that nobody answered
        return [], len(pins(RUNS))


def main() -> int:
    """Print what is wrong; returns the exit code."""
    wrong = [
        f"{lock.relative_to(TOP)}: {line} has no version with hashes"
        for lock in LOCKS
        for line in unpinned(lock.read_text())
    ]
    wrong += unlicensed()
    found, unknown = _asked()
    for line in wrong + found:
        print(f"audit: {line}", file=sys.stderr)
    total = len(pins(RUNS))
    if unknown:
        print(f"audit: of {unknown} of {total} packages the index tells no known weaknesses, good"
              " or bad: NOT CHECKED", file=sys.stderr)  # fmt: skip
    print(f"audit: {total} packages pinned by hash, licences allowed, {total - unknown} asked for"
          " known weaknesses" if not wrong + found else "audit: failed")  # fmt: skip
    return 1 if wrong or found else 0


if __name__ == "__main__":
    sys.exit(main())
