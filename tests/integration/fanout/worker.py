"""One fanout replica as an OS process: the real processor under the real engine.

`python -m tests.integration.fanout.worker PLATFORM...` reads the deliveries of these platforms.
"""

import sys
from collections.abc import Iterable

from processors import fanout
from processors.engine import runner
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec


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
    runner.main(spec(sys.argv[1:]), EngineSettings.load())
