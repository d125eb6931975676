"""A refusal in Microsoft Advertising's shapes."""

import time
from typing import Final


class Fault(Exception):
    """An error of the request as a whole: the symbol, the code where it is known, the status."""

    def __init__(self, symbol: str, *, code: int = 0, status: int = 400) -> None:
        super().__init__(symbol)
        self.status = status
        kind, name = ("AdApiFaultDetail", "Errors") if status != 400 else _API
        self.body = {
            "TrackingId": f"{time.time_ns():032d}",
            "Type": kind,
            name: [{"Code": code, "ErrorCode": symbol, "Message": "secret-1", "Details": ""}],
        }


_API: Final = ("ApiFaultDetail", "OperationErrors")
