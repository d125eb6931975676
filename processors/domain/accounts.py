"""How the account of a webhook's sender is written, so that what the operator set and what the
sender says of itself are the same text."""


def webhook_account(text: str) -> str:
    """In lower case, without scheme and trailing slash: `https://Shop.Example.com/` and
    `shop.example.com` are one store."""
    account = text.strip().lower()
    for scheme in ("https://", "http://"):
        account = account.removeprefix(scheme)
    return account.rstrip("/")
