"""The safe end of a process that met something unknown: nothing more is acked or committed.

An ordinary exit would run clean-up code of libraries, and some of it commits (engine.md, M13).
"""

import logging
import os
import sys
from typing import Final, NoReturn

STOPPED: Final = 70

log = logging.getLogger(__name__)


def stop_now(error: BaseException, *, what: str) -> NoReturn:
    """Log the error with its trace and end the process at once."""
    log.critical("stopped before the commit", exc_info=error, extra={"what": what})
    leave(STOPPED)


def leave(code: int) -> NoReturn:
    """End without clean-up of others; what was logged is flushed."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
