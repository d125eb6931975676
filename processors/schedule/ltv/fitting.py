"""A tenant's model: fitted, judged, kept, and read again."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from processors.domain.ltv import backtest
from processors.domain.ltv.bg_nbd import BgNbd
from processors.domain.ltv.gamma_gamma import GammaGamma
from processors.domain.ltv.predict import Model, learn
from processors.engine.postgres import Connection, Row
from processors.schedule.ltv.reading import QUERIES, Customers, Span


def fitted(found: Customers, known: Span, *, horizon: int, holdout: int | None) -> dict[str, Any]:
    """A row of customer_ltv_models; amounts in minor units."""
    model = learn(found.cells, found.spending, purchases=found.purchases, revenue=found.revenue)
    cells = found.cells
    return {
        "tenant_id": known.tenant,
        "fitted_on": known.last_day,
        "method": model.method,
        "reason": model.reason,
        "horizon_days": horizon,
        "step_days": known.step_days,
        "currency": known.currency,
        "customers": round(cells.customers.sum()),
        "repeat_customers": round(cells.customers[cells.frequency > 0].sum()),
        **(asdict(model.buying) if model.buying else {}),
        **(asdict(model.spending) if model.spending else {}),
        "log_likelihood": model.log_likelihood,
        "spend_correlation": found.spending.correlation() if model.spending else None,
        "rate": model.rate,
        "weight": model.weight,
        "value": model.value,
        **(_judged(found, holdout, model.method) if holdout else {}),
    }


def _judged(found: Customers, holdout: int, method: str) -> dict[str, Any]:
    """Nothing where too little was known before the hold-out for the same method."""
    held = found.held
    if not len(held.came):
        return {}
    model = learn(
        held.cells,
        found.held_spending,
        purchases=found.held_purchases,
        revenue=found.held_revenue,
    )
    if model.method != method:
        return {}
    errors = backtest.judge(model, held, holdout)
    return {
        "holdout_days": holdout,
        "holdout_customers": errors.customers,
        "holdout_purchases": round(errors.came),
        "holdout_expected": errors.expected,
        "holdout_error": errors.error,
        "holdout_naive_error": errors.naive_error,
        "holdout_coverage": errors.coverage,
        "holdout_revenue": errors.revenue_came,
        "holdout_revenue_expected": errors.revenue_expected,
    }


async def keep(conn: Connection, row: dict[str, Any], *, now: int) -> None:
    """Write it."""
    await conn.execute(QUERIES["put_model"], json.dumps(row, default=str), now)


async def latest(conn: Connection, tenant: str) -> Row | None:
    """The tenant's newest."""
    return await conn.fetchrow(QUERIES["latest_model"], tenant)


def is_due(row: Row | None, known: Span, *, horizon: int, refit_days: int) -> bool:
    """Whether a model is to be fitted: the first, weekly, and when what it is of has changed. A
    small tenant without one tries daily."""
    if row is None:
        return True
    same = (row["horizon_days"], row["step_days"], row["currency"]) == (
        horizon, known.step_days, known.currency,
    )  # fmt: skip
    fitted_on: date = row["fitted_on"]
    patience = 1 if row["method"] == "shrunk_rate" and known.step_days == 1 else refit_days
    return not same or (known.last_day - fitted_on).days >= patience


def model_of(row: Row) -> Model:
    """The model of a row, as it was fitted; amounts in minor units."""
    fits = row["method"] == "bg_nbd_gamma_gamma"
    return Model(
        buying=BgNbd(row["r"], row["alpha"], row["a"], row["b"]) if fits else None,
        spending=GammaGamma(row["p"], row["q"], row["v"]) if fits else None,
        log_likelihood=None,
        reason="" if fits else "kept",
        rate=row["rate"],
        weight=row["weight"],
        value=row["value"],
    )
