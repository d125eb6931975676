"""What a tenant says of a Google Ads account, and how it is read."""

import re
from typing import Final, Literal

from processors.platforms import event_map
from processors.platforms.base import Account

Api = Literal["data_manager", "click_uploads"]

ACTIONS: Final = "conversion_actions"
LOGIN: Final = "login_customer_id"
DEVELOPER: Final = "developer_token"
API: Final = "api"
_APIS: Final[dict[str, Api]] = {
    "data_manager": "data_manager",
    "click_uploads": "click_uploads",
}
_CUSTOMER: Final = re.compile(r"\d{10}", re.ASCII)
_ACTION: Final = re.compile(r"\d{1,19}", re.ASCII)


def customer_id(text: str) -> str:
    """The ten digits of a customer; Google's own pages write them with dashes.

    Raises:
        ValueError: for a text that is none.

    >>> customer_id(" 123-456-7890")
    '1234567890'
    """
    digits = text.strip().replace("-", "")
    if not _CUSTOMER.fullmatch(digits):
        raise ValueError("a Google Ads customer is ten digits, with or without dashes")
    return digits


def conversion_actions(text: str) -> str:
    """The conversion action of each event, as `event_map` keeps it.

    Raises:
        ValueError: for a text that is no such map, or has ids that are none.
    """
    return event_map.read(text, _action)


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise ValueError("a conversion action is its digits, the ctId of its page's address")
    return text


def api(text: str) -> str:
    """`data_manager` or `click_uploads`.

    Raises:
        ValueError: for anything else.
    """
    if text not in _APIS:
        raise ValueError(f"must be one of {', '.join(_APIS)}")
    return text


def api_of(account: Account) -> Api:
    """The API that takes the account's conversions: the Data Manager's, unless the tenant says that
    this account may still upload clicks. Since 2026-06-15 only those may that already did
    (Google Ads developer blog, "Changes to offline click conversion imports")."""
    return _APIS.get(account.secret(API), "data_manager")


def action_of(account: Account, event_name: str) -> str | None:
    """The id of the conversion action that an event counts for; None when there is none."""
    return event_map.of(account.secret(ACTIONS)).get(event_name)
