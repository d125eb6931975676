"""The customers that a manager's account manages, which are read instead of it: a manager has no
campaigns of its own, and to ask it for metrics is an error (REQUESTED_METRICS_FOR_MANAGER).

Asked of any customer, `customer_client` tells the customer itself and, of a manager, all below it
at any depth, managers among them. Whoever reads one of them through the manager says so in
`login-customer-id`; a manager that the tenant names itself stands. Customers that are not `ENABLED`
(closed, suspended) answer no question. (google.ads.googleads: CustomerClient, CustomerStatusEnum;
Google Ads API, "Get Account Hierarchy", "login-customer-id".)
"""

from dataclasses import replace
from typing import Final

from processors.platforms import measures
from processors.platforms.base import Account
from processors.platforms.google_ads import accounts
from processors.platforms.google_ads.search import Search, at, select

_FIELDS: Final = ("customer_client.id", "customer_client.manager", "customer_client.status")
QUERY: Final = select(
    _FIELDS, "customer_client", where="customer_client.status = 'ENABLED'", order=_FIELDS[0]
)


async def clients(search: Search, account: Account) -> list[Account]:
    """The customers below a manager; the account itself where it is none.

    Raises:
        Unreadable: as `Search.pages`.
        Unusable: for a customer without its id.
    """
    found: list[Account] = []
    through = account.secret(accounts.LOGIN) or account.account_id
    login = {**account.credentials, accounts.LOGIN: through}
    is_manager = False
    async for page in search.pages(account, QUERY):
        for row in page:
            told = {name: at(row, name) for name in _FIELDS}
            own = measures.identity(told, _FIELDS[0])
            if told[_FIELDS[1]] is True:
                is_manager |= own == account.account_id
            elif own != account.account_id:
                found.append(replace(account, account_id=own, credentials=login))
    return found if is_manager else [account]
