"""Sets the demo's tenants up, through the command line as an operator would.

Keys are shown once, when they are made, so they are kept in `.attributary/demo.json` (private);
a later demo on the same stack finds them there. All of it may be run again and changes nothing.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.demo import connections
from deploy.demo.play import Access
from deploy.demo.shops import SHOPS, Shop
from deploy.local.failure import LocalStackError
from deploy.local.files import write_atomically

_SECONDS: Final = 60.0
_RATES_FROM: Final = "2000-01-01"
_DEMO: Final = "demo"


def ensure(
    names: Collection[str], *, environment: Mapping[str, str], kept: Path
) -> dict[str, Access]:
    """Make what is missing; returns what each tenant's senders need.

    Raises:
        LocalStackError: when the command line refuses.
    """
    memory: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    shops = {shop.tenant: shop for shop in SHOPS}
    for name in sorted(names):
        known = memory.setdefault(name, {})
        if name == _DEMO:
            known["key"] = environment.get("ATTRIBUTARY_API_KEY") or known.get("key")
        if not known.get("key"):
            known["key"] = _new_key(name, environment)
        if name in shops:
            known.setdefault("secret", f"demo-{secrets.token_hex(16)}")
            _set_up(shops[name], secret=known["secret"], environment=environment)
        write_atomically(kept, json.dumps(memory, indent=2), mode=0o600)
    return {
        name: Access(
            key=memory[name]["key"],
            secret=memory[name].get("secret", ""),
            shop_domain=(shops[name].shopify_domain or "") if name in shops else "",
        )
        for name in sorted(names)
    }


def _new_key(name: str, environment: Mapping[str, str]) -> str:
    """The key of a new tenant, or one more of a tenant whose keys were made elsewhere."""
    made = _run(["tenant", "add", name, "--json"], environment)
    if made.returncode:
        made = _run(["tenant", "key", name, "--label", "demo", "--json"], environment)
    if made.returncode:
        raise LocalStackError(f"tenant {name} could not be made:\n{made.stderr.strip()}")
    return str(json.loads(made.stdout)["api_key"])


def _set_up(shop: Shop, *, secret: str, environment: Mapping[str, str]) -> None:
    values = [
        f"time_zone={shop.time_zone}",
        f"currency={shop.currency}",
        *(said for name in shop.platforms for said in connections.settings(shop.tenant, name)),
    ]
    if shop.shopify_domain:
        values += [
            f"shopify_shop_domain={shop.shopify_domain}",
            f"shopify_webhook_secret={secret}",
        ]
    _must(["tenant", "set", shop.tenant, *values], environment)
    for currency, rate in shop.rates:
        told = [f"{currency}={rate}", "--reporting", shop.currency, "--date", _RATES_FROM]
        _must(["tenant", "rate", shop.tenant, *told], environment)


def _must(arguments: list[str], environment: Mapping[str, str]) -> None:
    done = _run(arguments, environment)
    if done.returncode:
        what = " ".join(arguments[:3])
        raise LocalStackError(f"{what} failed:\n{done.stderr.strip() or done.stdout.strip()}")


def _run(arguments: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "processors", *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
