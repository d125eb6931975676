"""The requests that tags make in a browser, as `attributary pixel check` reads them.

The vendors' scripts are not here; in their place stands the least that sends what they would.
"""

import json
from pathlib import Path

from processors.commands.pixel_check import Fired, faults, read
from processors.domain.ids import purchase_event_id
from tests.integration.gateway.running import BROWSER_KEY
from tests.integration.pixel.browser import Browser, until
from tests.integration.pixel.shop import Shop
from tests.integration.pixel.test_purchases import VENDORS

STAND_INS = """
const send = (url, fields) => {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined)
  new Image().src = url + '?' + new URLSearchParams(said)
}
const made = (name, act) => {
  let own
  const set = (value) => act((own = value))
  Object.defineProperty(window, name, { configurable: true, get: () => own, set })
}
made('fbq', (fbq) => {
  let id
  fbq.callMethod = (what, name, fields, told) => {
    if (what === 'init') id = name
    if (what !== 'track') return
    const custom = Object.entries(fields ?? {}).map(([key, value]) => [`cd[${key}]`, value])
    const { eventID: eid } = told
    send('https://www.facebook.com/tr/', { id, ev: name, eid, ...Object.fromEntries(custom) })
  }
})
made('ttq', (ttq) => {
  const sdkid = Object.keys(ttq._i)[0]
  ttq.track = (event, { value, currency }, { event_id }) =>
    send('https://analytics.tiktok.com/api/v2/pixel', { sdkid, event, event_id, value, currency })
})
made('snaptr', (snaptr) => {
  let pid
  snaptr.handleRequest = (what, name, fields) => {
    if (what === 'init') pid = name
    if (what !== 'track') return
    send('https://tr.snapchat.com/p', { pid, e_nm: name, e_par: JSON.stringify(fields) })
  }
})
"""
URLS = "return performance.getEntriesByType('resource').map(({ name }) => name)"


def exported(browser: Browser, folder: Path) -> Path:
    """What the network panel would export; no vendor is there to answer."""
    entries = [{"request": {"url": url}, "response": {"status": 200}} for url in browser.js(URLS)]
    file = folder / "visit.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))
    return file


def test_a_purchase_is_recognised_in_the_requests_of_every_tag(
    browser: Browser, shop: Shop, tmp_path: Path
) -> None:
    shop.open(BROWSER_KEY, tenant="demo", vendors={**VENDORS, "tiktok_purchase": "CompletePayment"})

    def purchases() -> dict[str, Fired] | None:
        fired = read(exported(browser, tmp_path))
        worth = {each.request.platform: each for each in fired if each.request.value == "64.95"}
        return worth if len(worth) == 3 else None

    with browser.on_every_page(STAND_INS):
        browser.go(shop.url("/thanks.html?order=gid://shopify/Order/1001"))
        found = until(purchases)
        fired = read(exported(browser, tmp_path))

    names = {"meta": "Purchase", "tiktok": "CompletePayment", "snapchat": "PURCHASE"}
    assert {platform: each.request.event_name for platform, each in found.items()} == names
    for platform, each in found.items():
        assert each.request.pixel_id == VENDORS[platform]
        assert each.request.currency == "USD"
        assert each.request.event_id == purchase_event_id(
            tenant="demo", source="api", order_id="1001", platform=platform
        )
    scripts = {each.request.platform for each in fired if each.request.kind == "script"}
    assert scripts == {"meta", "tiktok", "snapchat", "ga4"}
    assert faults(fired, asked=False) == []
