"""`run NAME`: one process, one processor."""

import uvloop

from processors.commands.refusal import Refused
from processors.engine.kafka_security import KafkaSecurity
from processors.engine.settings import EngineSettings

GATEWAY = "gateway"
SCHEDULE = "schedule"


def names() -> list[str]:
    """What can be run, in the order of the flow."""
    from processors.registry import PROCESSORS

    return [GATEWAY, *PROCESSORS, SCHEDULE]


def run(name: str, *, replica: int) -> None:
    """Run until SIGTERM.

    Raises:
        Refused: for a name that is no processor.
        Incomplete: naming what the environment lacks.
    """
    if name == GATEWAY:
        from processors.gateway import serve
        from processors.gateway.settings import GatewaySettings

        uvloop.run(serve(GatewaySettings.load()))
        return
    if name == SCHEDULE:
        from processors.schedule import JOBS
        from processors.schedule import serve as schedule
        from processors.schedule.settings import ScheduleSettings

        settings = EngineSettings.load(replica=replica)
        uvloop.run(schedule(settings, ScheduleSettings.load(), JOBS.values()))
        return
    from processors.engine.runner import main
    from processors.registry import PROCESSORS

    if name not in PROCESSORS:
        raise Refused(f"{name} is no processor; there are {', '.join(names())}")
    main(PROCESSORS[name], EngineSettings.load(replica=replica))


def check(name: str, *, replica: int) -> dict[str, str]:
    """The settings of a processor, secrets masked."""
    if name not in names():
        raise Refused(f"{name} is no processor; there are {', '.join(names())}")
    security = KafkaSecurity.load()
    security.options()  # reads the files that it names
    if name == GATEWAY:
        from processors.gateway.settings import GatewaySettings

        return {**GatewaySettings.load().show(), **security.show()}
    shown = {**EngineSettings.load(replica=replica).show(), **security.show()}
    if name == SCHEDULE:
        from processors.schedule.settings import ScheduleSettings

        shown |= ScheduleSettings.load().show()
    return shown
