"""Refusals in the form that Meta gives to all of them."""

from typing import Any


class Refused(Exception):
    """An error in Meta's shape."""

    def __init__(
        self, title: str, *, code: int = 100, subcode: int | None = None, status: int = 400
    ) -> None:
        super().__init__(title)
        self.status = status
        self.error: dict[str, Any] = {
            "message": "Invalid parameter" if code == 100 else title,
            "type": "OAuthException",
            "code": code,
            "is_transient": False,
            "error_user_title": title,
            "fbtrace_id": "A" + "0" * 22,
        }
        if subcode is not None:
            self.error["error_subcode"] = subcode


class TooMuch(Refused):
    """More than Meta tells at once."""

    def __init__(self) -> None:
        text = "Please reduce the amount of data you're asking for, then retry your request"
        super().__init__(text, code=1, status=500)
        del self.error["error_user_title"]
