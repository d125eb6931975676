"""What Google's codes mean, of both APIs: the enums of `google.ads.googleads` (conversion upload,
conversion adjustment upload, quota, authentication, authorization, not allowlisted, internal,
database) and of `google.ads.datamanager` (`ErrorReason`), and the statuses of `google.rpc`.

A code that is not here is about what was sent, and final.
"""

from typing import Final

from processors.platforms.base import Verdict

DONE: Final = frozenset(
    {
        "ORDER_ID_ALREADY_IN_USE",
        "CLICK_CONVERSION_ALREADY_EXISTS",
        "CONVERSION_ALREADY_RETRACTED",
        "RESTATEMENT_ALREADY_EXISTS",
        "MORE_RECENT_RESTATEMENT_FOUND",
    }
)
"""Google has it already, or has something newer."""
UNFOUND: Final = "CONVERSION_NOT_FOUND"
"""An adjustment came before its conversion, or the conversion was nobody's click."""
NOT_YET: Final = frozenset(
    {
        UNFOUND,
        "TOO_RECENT_EVENT",
        "TOO_RECENT_CONVERSION",
        "TOO_RECENT_CONVERSION_ACTION",
        "CONVERSION_ACTION_TOO_RECENTLY_CREATED",
    }
)
"""Six hours after the click or the making of the action, or a day after the conversion. That is
no failure of the platform, so it must open no circuit."""
FULL: Final = frozenset(
    {
        "RESOURCE_EXHAUSTED",
        "RESOURCE_TEMPORARILY_EXHAUSTED",
        "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION",
        "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION",
    }
)
PASSING: Final = frozenset(
    {
        "INTERNAL",
        "INTERNAL_ERROR",
        "TRANSIENT_ERROR",
        "UNAVAILABLE",
        "ABORTED",
        "DEADLINE_EXCEEDED",
        "CONCURRENT_MODIFICATION",
    }
)
EXPIRED: Final = frozenset({"OAUTH_TOKEN_EXPIRED", "ACCESS_TOKEN_EXPIRED"})
"""Of an access token: the next request buys another."""
SETUP: Final = frozenset(
    {
        "UNAUTHENTICATED",
        "CREDENTIALS_MISSING",
        "PERMISSION_DENIED",
        "ACCESS_PROHIBITED",
        "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
        "NOT_ALLOWLISTED",
        "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
        "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
        "CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS",
        "TERMS_AND_CONDITIONS_NOT_SIGNED",
        "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
        "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS",
        "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED",
        "DESTINATION_ACCOUNT_TYPE_MISMATCH",
        "INVALID_DESTINATION",
        "MISMATCHED_ACCOUNT_TYPE",
        "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH",
        "NO_CONVERSION_ACTION_FOUND",
        "INVALID_CONVERSION_ACTION_ID",
        "INVALID_CONVERSION_ACTION_TYPE",
        "REQUESTED_METRICS_FOR_MANAGER",
        "UNSUPPORTED_VERSION",
    }
)
"""Nothing comes through before somebody changes the account, its terms, or what we know of it."""
LATE_DONE: Final = frozenset({"DUPLICATE_TRANSACTION_ID", "DUPLICATE_GCLID"})
"""Of `ProcessingErrorReason`, for which events are refused once their request was taken: Google has
them already. What is in none of these sets is about the event, and final."""
LATE_PASSING: Final = frozenset({"INTERNAL_ERROR", "TOO_RECENT_CLICK"})
LATE_SETUP: Final = frozenset(
    {
        "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED",
        "NO_CONSENT",
    }
)
"""Of the account; `NO_CONSENT` is the advertiser's own, which Google's core services lack."""
_KINDS: Final = frozenset({"authenticationError", "authorizationError", "notAllowlistedError"})


def meaning(kind: str, code: str) -> Verdict:
    """What a code means, of the enum that `kind` names (empty where the API does not say)."""
    if code in DONE:
        return "sent"
    if code in NOT_YET or code in FULL:
        return "throttled"
    if code in PASSING or code in EXPIRED:
        return "retry"
    if kind in _KINDS or code in SETUP:
        return "reauth"
    return "rejected"
