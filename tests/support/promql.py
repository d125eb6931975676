"""What an expression of PromQL speaks of: series with the labels that it asks for."""

from collections.abc import Iterator

import promql_parser as promql

from deploy.render.monitoring import TARGET_LABELS
from processors.engine.metrics import CATALOGUE, Metric

PARTS = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
OURS = "attributary_"
ALWAYS = frozenset(TARGET_LABELS)


def exported() -> dict[str, frozenset[str]]:
    """Every series that Prometheus stores of ours, and its labels as Prometheus names them."""
    found = {"up": ALWAYS}
    for name, metric in CATALOGUE.items():
        for part in PARTS[metric.kind]:
            found[name + part] = _labels(metric) | ({"le"} if part == "_bucket" else set())
    return found


def selectors(expression: str) -> list[tuple[str, frozenset[str]]]:
    """(series, labels that are matched) of each selector; what is no PromQL raises ValueError."""
    found = (node for node in _walk(promql.parse(expression)))
    return [
        (str(node.name), frozenset(m.name for m in node.matchers.matchers))
        for node in found
        if isinstance(node, promql.VectorSelector)
    ]


def grouped(expression: str) -> frozenset[str]:
    """The labels that an expression sums up by, or joins on."""
    found: set[str] = set()
    for node in _walk(promql.parse(expression)):
        if isinstance(node, promql.AggregateExpr) and node.modifier:
            found |= set(node.modifier.labels)
        if isinstance(node, promql.BinaryExpr) and node.modifier and node.modifier.matching:
            found |= set(node.modifier.matching.labels)
    return frozenset(found)


def _labels(metric: Metric) -> frozenset[str]:
    """`job` is Prometheus's own, so that ours of the name is `exported_job`."""
    own = {f"exported_{label}" if label in ALWAYS else label for label in metric.labels}
    return ALWAYS | own


def _walk(node: promql.Expr) -> Iterator[promql.Expr]:
    yield node
    for part in ("lhs", "rhs", "expr", "vector_selector", "param"):
        child = getattr(node, part, None)
        if child is not None:
            yield from _walk(child)
    for child in getattr(node, "args", ()):
        yield from _walk(child)
