"""Refusals in the shapes that Google gives them: `google.rpc.Status` with the details of the Data
Manager API, or with a `GoogleAdsFailure`."""

from dataclasses import dataclass
from typing import Any, Final

REQUEST_ID: Final = "126365e1-16d0-4c81-9de9-f362711e250a"
STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
_RPC: Final = "type.googleapis.com/google.rpc."


class Refused(Exception):
    """A request that is refused as a whole."""

    def __init__(self, status: int, details: list[dict[str, Any]]) -> None:
        super().__init__(STATUSES[status])
        self.status = status
        self.body = {
            "error": {
                "code": status,
                "message": "There was a problem with the request.",
                "status": STATUSES[status],
                "details": details,
            }
        }


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with a field of a request to the Data Manager API."""

    field: str
    reason: str


def ingestion(
    status: int,
    violations: list[Violation] | None = None,
    *,
    reason: str | None = None,
    wait_seconds: int | None = None,
) -> Refused:
    """A refusal of the Data Manager API."""
    info = {
        "@type": _RPC + "ErrorInfo",
        "reason": reason or STATUSES[status],
        "domain": "datamanager.googleapis.com",
        "metadata": {"requestId": REQUEST_ID},
    }
    details: list[dict[str, Any]] = [info]
    if violations:
        fields = [
            {"field": one.field, "description": "See the reason.", "reason": one.reason}
            for one in violations
        ]
        details.append({"@type": _RPC + "BadRequest", "fieldViolations": fields})
    if wait_seconds is not None:
        details.append({"@type": _RPC + "RetryInfo", "retryDelay": f"{wait_seconds}s"})
    return Refused(status, details)


def upload(status: int, kind: str, code: str, *, wait_seconds: int | None = None) -> Refused:
    """A refusal of the Google Ads API."""
    error: dict[str, Any] = {"errorCode": {kind: code}, "message": "See the code."}
    if wait_seconds is not None:
        error["details"] = {
            "quotaErrorDetails": {
                "rateScope": "ACCOUNT",
                "rateName": "Requests per account",
                "retryDelay": f"{wait_seconds}s",
            }
        }
    return Refused(status, [failure([error])])


def row_error(list_name: str, place: int, kind: str, code: str, field: str) -> dict[str, Any]:
    """One row's error."""
    path = [{"fieldName": list_name, "index": place}, {"fieldName": field}]
    return {
        "errorCode": {kind: code},
        "message": "See the code.",
        "location": {"fieldPathElements": path},
    }


def failure(errors: list[dict[str, Any]]) -> dict[str, Any]:
    """The details of the Google Ads API."""
    return {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": errors,
        "requestId": REQUEST_ID,
    }
