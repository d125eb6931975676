"""A write to a connection that has just ended is a broken connection, on every event loop.

asyncio's own transport drops what is written after its end, and uvloop's raises a bare
RuntimeError, which aiokafka takes for a fault of its own (its issue 1038): the task that fetched,
sent or beat ends for good, and a consumer waits for records that nobody asks for any more. Here it
is what aiokafka makes of every OSError: the connection is closed, and the request is repeated.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from aiokafka import errors as kafka_errors
from aiokafka.conn import AIOKafkaConnection, CloseReason

Send = TypeVar("Send", bound=Callable[..., Any])

_WRITES: Final = ("send", "_send_sasl_token")


def _closing(write: Send) -> Send:
    @wraps(write)
    def told(conn: Any, *args: Any, **kwargs: Any) -> Any:
        writer = conn._writer
        try:
            return write(conn, *args, **kwargs)
        except kafka_errors.KafkaError:  # which is a RuntimeError, too
            raise
        except RuntimeError as error:
            if writer is None or not writer.is_closing():
                raise
            conn.close(reason=CloseReason.CONNECTION_BROKEN)
            raise kafka_errors.KafkaConnectionError(
                f"Connection at {conn.host}:{conn.port} broken: {error}"
            ) from error

    return told  # type: ignore[return-value]


def install() -> None:
    """For every connection that is made from now on; once more changes nothing."""
    for name in _WRITES:
        write = getattr(AIOKafkaConnection, name)
        if not hasattr(write, "__wrapped__"):
            setattr(AIOKafkaConnection, name, _closing(write))
