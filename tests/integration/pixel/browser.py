"""A real Chromium, and the programs without which there is none."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

DEADLINE_SECONDS: Final = 60.0
OFFLINE: Final = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
ONLINE: Final = {**OFFLINE, "offline": False}
WAITING: Final = (
    "try { return Object.keys(localStorage).filter(k => k.startsWith('_attributary_q.')).length }"
    " catch { return 0 }"
)
_PROGRAMS: Final = {
    "a browser": (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "its driver": (("chromedriver",), "chromium-driver"),
}


class Browser:
    """One browser; tabs share its cookies."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def go(self, url: str) -> None:
        """Open a page in this tab and wait until the pixel has taken over there."""
        self.driver.get(url)
        self.ready()

    def ready(self) -> None:
        """The pixel is there."""
        self.until("return !!window.attributary?.loaded")

    def click(self, element: str) -> None:
        """Click what has the id."""
        self.driver.find_element(By.ID, element).click()

    def js(self, script: str, *args: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *args)

    def until(self, script: str) -> Any:
        """Poll the page until the script answers with something."""
        return until(lambda: self.js(script))

    def sent(self) -> None:
        """Nothing waits in the pixel's queue any more, and something was answered before."""
        self.until(f"return !(() => {{ {WAITING} }})()")

    def network(self, conditions: dict[str, Any]) -> None:
        """Cut or restore the network of this tab."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    def complaints(self) -> list[Any]:
        """What the browser wrote to its console about scripts."""
        said: list[Any] = self.driver.execute("getLog", {"type": "browser"})["value"]
        return [line for line in said if line["source"] != "network"]

    @contextmanager
    def tab(self) -> Iterator[str]:
        """One more tab, in which the block runs; afterwards it is closed."""
        first = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        try:
            yield first
        finally:
            self.driver.close()
            self.driver.switch_to.window(first)

    @contextmanager
    def on_every_page(self, script: str) -> Iterator[None]:
        """Run a script ahead of everything else in each page that this tab opens."""
        added = self.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": script}
        )
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def until(ask: Callable[[], Any]) -> Any:
    """Poll until the answer is something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := ask()):
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(0.02)
    return answer


def programs() -> tuple[str, str]:
    """Where the browser and its driver are."""
    found = []
    for what, (names, package) in _PROGRAMS.items():
        path = next((path for name in names if (path := shutil.which(name))), None)
        assert path, (
            f"missing: {what} ({names[0]}). `make test` installs it where it may; else: "
            f"sudo apt-get install {package}"
        )
        found.append(path)
    return found[0], found[1]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, which knows nobody but this machine."""
    binary, driver_path = programs()
    options = Options()
    options.binary_location = binary
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, "
        "EXCLUDE 127.0.0.1",
    ):  # fmt: skip
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
