"""One fanout replica as an OS process: the real processor under the real engine.

`python -m tests.integration.fanout.worker PLATFORM...` reads the deliveries of these platforms.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from processors import fanout
from processors.engine import runner
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec
from tests.integration.fanout import holding


def spec(platforms: Iterable[str]) -> Spec:
    """The processor of these platforms' topics."""
    return Spec(
        name="fanout",
        inputs=tuple(f"deliveries.{platform}.v1" for platform in platforms),
        outputs=("delivery_outcomes.v1",),
        engine="batches",
        factory=fanout.factory,
    )


if __name__ == "__main__":
    if point := os.environ.get(holding.NAME):
        holding.hold(cast(holding.Point, point), Path(os.environ[holding.FOLDER]))
    runner.main(spec(sys.argv[1:]), EngineSettings.load())
