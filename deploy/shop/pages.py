"""The shop's files, and the two scripts that depend on whose shop it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

PAGES: Final = Path(__file__).parent / "pages"
KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
_STUB: Final = (
    "window.attributary=window.attributary||function()"
    "{(attributary.q=attributary.q||[]).push(arguments)};\n"
)
_ASK: Final = """\
// Nothing is stored and nothing is told until the visitor has said so; banner.js asks.
window.shopConsent = { key: 'shop_consent', said: null };
try { shopConsent.said = localStorage.getItem(shopConsent.key); } catch {}
const everything = (flag) => Object.fromEntries(
  ['ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage'].map((n) => [n, flag]));
attributary('consent', 'default', everything(shopConsent.said ?? 'denied'));
shopConsent.say = (flag) => {
  try { localStorage.setItem(shopConsent.key, flag); } catch {}
  attributary('consent', 'update', everything(flag));
};
"""


def file(path: str) -> tuple[str, bytes] | None:
    """Kind and content of a file; None when there is none of that name."""
    found = PAGES / (path.lstrip("/") or "index.html")
    if found.parent != PAGES or not found.is_file():
        return None
    return KINDS[found.suffix], found.read_bytes()


def snippet(options: Mapping[str, Any], *, before: str = "", asks: bool = False) -> str:
    """What a shop pastes into its pages; `before` is a script of its own ahead of it, `asks` shows
    the banner to visitors who have not decided."""
    # Consent that is told ahead of `init` counts before anything is done.
    return f"{before}\n{_STUB}{_ASK if asks else ''}attributary('init', {json.dumps(options)});"


def loader(gateway_url: str) -> str:
    """Loads the pixel from the gateway."""
    source = json.dumps(f"{gateway_url}/attributary.js")
    return (
        "{const s=document.createElement('script');s.async=true;"
        f"s.src={source};document.head.append(s)}}"
    )
