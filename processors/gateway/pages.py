"""What the gateway answers to GET: health, metrics, and the description of itself."""

from typing import Any, Final, Protocol

import orjson

from processors.gateway.openapi import document

SPOOL_FULL: Final = "the spool is full"
_JSON: Final = b"application/json"
_DOCS: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Attributary gateway</title>
<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{background:#8882;padding:.1em .3em;border-radius:.2em}pre{overflow:auto;padding:1em}
summary{cursor:pointer;padding:.4em 0}</style>
<h1>Attributary gateway</h1><p id="about"></p><div id="paths"></div>
<script>fetch("openapi.json").then(r=>r.json()).then(d=>{
document.getElementById("about").textContent=d.info.description;
const box=document.getElementById("paths");
for(const [path,ops] of Object.entries(d.paths))for(const [method,op] of Object.entries(ops)){
const row=document.createElement("details"),head=document.createElement("summary"),
name=document.createElement("code"),body=document.createElement("pre");
name.textContent=method.toUpperCase()+" "+path;
head.append(name," "+(op.summary||""));body.textContent=JSON.stringify(op,null,1);
row.append(head,body);box.append(row)}})</script></html>
"""


class Gateway(Protocol):
    """What the pages tell about."""

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether events can be taken, and the particulars."""

    def metrics(self) -> bytes:
        """Prometheus text."""


def page(path: str, gateway: Gateway) -> tuple[int, bytes, bytes] | None:
    """Status, content type and content of a page; None when there is none."""
    match path:
        case "/healthz":
            return 200, _JSON, b'{"alive":true}'
        case "/readyz":
            ready, state = gateway.ready()
            return (200 if ready else 503), _JSON, orjson.dumps(state)
        case "/sink-health":
            return _sink(*gateway.ready())
        case "/metrics":
            return 200, b"text/plain; version=0.0.4; charset=utf-8", gateway.metrics()
        case "/openapi.json":
            return 200, _JSON, orjson.dumps(document(), option=orjson.OPT_INDENT_2)
        case "/docs" | "/":
            return 200, b"text/html; charset=utf-8", _DOCS
    return None


def _sink(ready: bool, state: dict[str, Any]) -> tuple[int, bytes, bytes]:
    """Where what is accepted goes; a gateway that stops, or has no keys yet, still has a place."""
    full = not ready and SPOOL_FULL in state["reasons"]
    goes_to = "nowhere" if full else "spool" if state["spooling"] else "kafka"
    told = {name: value for name, value in state.items() if name.startswith("spool")}
    return (503 if full else 200), _JSON, orjson.dumps({"goes_to": goes_to, **told})
