"""Every processor of the registry in one process: `python -m tests.integration.tracing.stages`.

Each reads real Kafka through the batches engine, since Faust ends the process that it runs in; how
it reads the header is in the conformance suite.
"""

import asyncio
import signal
from dataclasses import replace

import uvloop

from processors.engine import log
from processors.engine.runner import Process
from processors.engine.settings import EngineSettings
from processors.registry import PROCESSORS


async def main() -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = EngineSettings.load()
    log.configure(settings.log_level)
    stages = (Process(replace(spec, engine="batches"), settings) for spec in PROCESSORS.values())
    await asyncio.gather(*(stage.run(stop) for stage in stages))


if __name__ == "__main__":
    uvloop.run(main())
