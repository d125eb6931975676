"""Who says to have sent a webhook, and whether the signature proves it.

Every sender signs with HMAC-SHA256 under a secret that only it and the tenant know:

- Shopify: base64, of the raw body; two families of header names. No time is signed: that of
  `X-Shopify-Triggered-At` stands outside (shopify.dev, "Verify webhooks").
- WooCommerce (`WC_Webhook::generate_signature`): base64, of the raw body, without a time;
  `X-WC-Webhook-Source` is the store's URL.
- BigCommerce (Standard Webhooks): base64, of `id.timestamp.body`, under the app's client secret;
  several signatures may stand side by side. Its headers name no store, so the hook is created
  with one more, `X-Attributary-Account: STORE_HASH`; the body's `producer` must agree with it.
  It repeats a delivery for two days, and whether it signs each try anew it does not say, so one
  may be three days old.
- any other shop: hex, of the raw body, in `X-Attributary-Signature`, for the account in
  `X-Attributary-Account`. Or with a time, as requests to us are signed: `t=SECONDS,v1=HEX`, of
  `SECONDS.BODY`, which holds for five minutes.

Meta, WhatsApp (hex, no time) and TikTok (with one, five minutes) are in `hooks`. What has no time
may come again at any time, and changes nothing then: an event's id is made of what it says, so a
second copy is known as one.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from processors.domain.accounts import webhook_account

Headers = Mapping[bytes, bytes]

_SHOPIFY: Final = (b"x-shopify-", b"shopify-")
_WOOCOMMERCE: Final = b"x-wc-webhook-"
_ACCOUNT: Final = b"x-attributary-account"
_STANDARD: Final = (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
_STANDARD_SECRET: Final = b"whsec_"
_MOST_SIGNATURES: Final = 8
WINDOW_SECONDS: Final = 300
_REPEATED_SECONDS: Final = 3 * 86_400
_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)
_TIMED: Final = re.compile(r"t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request's headers say, until the signature proves it: the sender and account of
    `webhook_sources`, the topic, and what was signed how."""

    sender: str
    account: str
    topic: str
    signatures: tuple[str, ...]
    prefix: bytes = b""
    encode: Callable[[bytes], bytes] = base64.b64encode
    signed_at: int | None = None
    """Epoch seconds, where the signature covers a time."""
    lasts_seconds: int = WINDOW_SECONDS

    def is_of(self, now: int) -> bool:
        """Whether the signature still holds at that time (epoch milliseconds)."""
        if self.signed_at is None:
            return True
        return -WINDOW_SECONDS <= now // 1000 - self.signed_at <= self.lasts_seconds


def claim(family: str, headers: Headers) -> Claim | None:
    """The claim of a request at a door for this family of senders; None without any."""
    return next((found for read in _READERS[family] if (found := read(headers))), None)


def is_signed(body: bytes, *, claim: Claim, secrets: Iterable[bytes]) -> bool:
    """Whether any of the secrets signed exactly these bytes; takes the same time for all."""
    given = [text.encode("latin-1", "replace") for text in claim.signatures]
    good = False
    for secret in secrets:
        if secret:
            digest = hmac.new(_key(secret), claim.prefix + body, hashlib.sha256).digest()
            for signature in given:
                good |= hmac.compare_digest(claim.encode(digest), signature)
    return good


def is_ping(family: str, headers: Headers) -> bool:
    """Whether WooCommerce asks if anyone is there: a form without a signature, sent when a
    webhook is saved. It carries nothing, and any answer but 200 keeps the webhook from being
    activated."""
    kind = headers.get(b"content-type", b"")
    agent = headers.get(b"user-agent", b"").lower()
    form = kind.startswith(b"application/x-www-form-urlencoded")
    return family == "ecommerce" and form and agent.startswith(b"woocommerce")


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()


def _shopify(headers: Headers) -> Claim | None:
    def said(name: bytes) -> str:
        return next((found for kind in _SHOPIFY if (found := _text(headers, kind + name))), "")

    account = webhook_account(said(b"shop-domain"))
    return Claim("shopify", account, said(b"topic"), (said(b"hmac-sha256"),))


def _woocommerce(headers: Headers) -> Claim | None:
    source, topic, signature = (
        _text(headers, _WOOCOMMERCE + name) for name in (b"source", b"topic", b"signature")
    )
    if not source:
        return None
    return Claim("woocommerce", webhook_account(source), topic, (signature,))


def _neutral(headers: Headers) -> Claim | None:
    signature = _text(headers, b"x-attributary-signature").lower()
    if not signature:
        return None
    account = webhook_account(_text(headers, _ACCOUNT))
    plain = Claim("ecommerce", account, "", (signature,), encode=binascii.hexlify)
    timed = _TIMED.fullmatch(signature)
    if timed is None:
        return plain
    given = tuple(timed[2].removeprefix(",v1=").split(",v1="))
    return replace(plain, signatures=given, prefix=f"{timed[1]}.".encode(), signed_at=int(timed[1]))


def _bigcommerce(headers: Headers) -> Claim | None:
    name, at, listed = (_text(headers, header) for header in _STANDARD)
    if not listed or not _SECONDS.fullmatch(at):
        return None
    signatures = [text.partition(",") for text in listed.split()[:_MOST_SIGNATURES]]
    return Claim(
        "bigcommerce",
        webhook_account(_text(headers, _ACCOUNT)),
        "",
        tuple(signature for version, _, signature in signatures if version == "v1"),
        prefix=f"{name}.{at}.".encode("latin-1"),
        signed_at=int(at),
        lasts_seconds=_REPEATED_SECONDS,
    )


def _key(secret: bytes) -> bytes:
    """Standard Webhooks writes a secret of random bytes as `whsec_` and base64."""
    if secret.startswith(_STANDARD_SECRET):
        try:
            return base64.b64decode(secret.removeprefix(_STANDARD_SECRET), validate=True)
        except binascii.Error:
            pass
    return secret


_READERS: Final[dict[str, tuple[Callable[[Headers], Claim | None], ...]]] = {
    "shopify": (_shopify,),
    "ecommerce": (_woocommerce, _neutral, _bigcommerce),
}
