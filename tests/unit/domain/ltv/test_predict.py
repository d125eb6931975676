"""Predictions of a tenant's customers, and how far off they are."""

import numpy as np
import pytest

from processors.domain.ltv import backtest
from processors.domain.ltv.cells import Cells
from processors.domain.ltv.predict import learn, predict
from tests.support.ltv_people import made

HORIZON = 52.0


def test_a_model_that_knows_only_the_past_tells_what_came() -> None:
    people = made(8_000, seed=23)
    model = learn(people.cells, people.spending(), purchases=1, revenue=1)
    assert (model.method, model.reason) == ("bg_nbd_gamma_gamma", "")
    told = backtest.judge(model, people.held(), HORIZON)
    assert told.customers == 8_000
    assert told.expected == pytest.approx(told.came, rel=0.08)
    assert told.revenue_expected == pytest.approx(told.revenue_came, rel=0.1)
    assert told.error < 0.8 * told.naive_error
    assert told.coverage is not None
    assert told.coverage > 0.8


def test_the_interval_of_revenue_holds_four_of_five() -> None:
    people = made(8_000, seed=29)
    model = learn(people.cells, people.spending(), purchases=1, revenue=1)
    told = predict(model, people.cells, HORIZON)
    base = told.base + people.cells.frequency * people.values
    bought = people.cells.frequency >= 3
    assert (people.spent <= told.revenue_high * base)[bought].mean() == pytest.approx(0.9, abs=0.03)
    inside = (people.spent >= told.revenue_low * base) & (people.spent <= told.revenue_high * base)
    assert inside.mean() > 0.8


def test_few_customers_get_a_guess_that_says_so() -> None:
    people = made(150, seed=2)
    model = learn(people.cells, people.spending(), purchases=100, revenue=4_000)
    assert (model.method, model.reason) == ("shrunk_rate", "too_few_customers")
    told = predict(model, people.cells, HORIZON)
    assert np.isnan(told.purchases_high).all()
    assert np.isnan(told.alive).all()
    own, everybody = people.cells.frequency / people.cells.age, model.rate
    rates = told.purchases / HORIZON
    assert ((rates - own) * (rates - everybody) <= 1e-12).all(), "between its own and that of all"
    once = people.cells.frequency == 0
    assert (told.base * told.value)[once] == pytest.approx(40)


def test_customers_of_today_have_no_time_and_are_expected_not_to_come() -> None:
    today = Cells(np.zeros(3, dtype=np.int64), np.zeros(3), np.zeros(3), np.ones(3))
    model = learn(today, made(10, seed=1).spending(), purchases=3, revenue=30)
    assert predict(model, today, HORIZON).purchases == pytest.approx(0)
