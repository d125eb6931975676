"""Who an event is about, in the clear, as Klaviyo alone among the platforms wants it.

What the gateway sealed is opened here, when a request is made, and stays in that request: nothing
of it is stored, logged or part of an error.
"""

import base64
import binascii
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from processors.domain import normalise
from processors.engine.sealing import CannotOpen, Sealer, names_of
from processors.platforms.base import Keys, Unsendable
from processors.platforms.klaviyo.settings import KlaviyoSettings
from processors.platforms.payload import compact
from schemas.delivery import Delivery
from schemas.envelope import Json

_LOCATION: Final = {"city": "city", "state": "region", "zip": "zip", "country": "country"}
KEPT: Final = 20_000
"""Keys at once: many times the deliveries of any number of requests under way."""
KNOWN_BY: Final = frozenset({"email", "phone_number", "external_id"})
"""Any of them makes a profile. A visitor's id would, too, but of people whom nobody can mail."""


class Details:
    """Opens sealed details; without the key it opens none."""

    def __init__(self, sealer: Sealer | None) -> None:
        self._sealer = sealer
        self._keys: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()

    def give(self, keys: Keys) -> None:
        """The keys of the people of the next requests; those of the longest past are forgotten."""
        for name, key in keys.items():
            self._keys[name] = key
            self._keys.move_to_end(name)
        while len(self._keys) > KEPT:
            self._keys.popitem(last=False)

    @classmethod
    def load(cls, settings: KlaviyoSettings) -> "Details":
        """With the deployment's key, where it is set.

        Raises:
            Incomplete: for a key that cannot be one.
        """
        if settings.seal_key is None:
            return cls(None)
        try:
            key = base64.b64decode(settings.seal_key.get_secret_value(), validate=True)
        except binascii.Error:
            key = b""
        return cls(Sealer(key))

    def locked(self, delivery: Delivery) -> bool:
        """Whether it has details that only a key would open."""
        return self._sealer is None and delivery.user_data.sealed is not None

    def of(self, delivery: Delivery) -> Mapping[str, str]:
        """The clear details by our names for them.

        Raises:
            Unsendable: for what is sealed under another key.
        """
        sealed = delivery.user_data.sealed
        if self._sealer is None or sealed is None:
            return {}
        tenant = delivery.tenant_id
        held = ((name, self._keys.get((tenant, *name))) for name in names_of(sealed))
        keys = {name: key for name, key in held if key is not None}
        try:
            return self._sealer.open(tenant, sealed, keys)
        except CannotOpen:
            raise Unsendable("the sealed details cannot be opened") from None


def profile(delivery: Delivery, clear: Mapping[str, str], *, phone: bool = True) -> Json:
    """The attributes of a profile. `phone` false leaves the number out: a refused one would have
    the whole request refused.

    Raises:
        Unsendable: if there is nothing by which Klaviyo would know anybody.
    """
    digits = normalise.phone_digits(clear.get("phone", "")) if phone else None
    ids = delivery.identifiers
    found = compact(
        {
            "email": normalise.email(clear.get("email", "")),
            "phone_number": f"+{digits}" if digits else None,
            "external_id": (ids.external_id or ids.customer_id or "").strip(),
            "first_name": clear.get("first_name", "").strip(),
            "last_name": clear.get("last_name", "").strip(),
            "location": compact(
                {theirs: clear.get(ours, "").strip() for ours, theirs in _LOCATION.items()}
            ),
        }
    )
    if not KNOWN_BY & found.keys():
        raise Unsendable("nobody whom Klaviyo could know: no email, phone or customer id")
    return found
