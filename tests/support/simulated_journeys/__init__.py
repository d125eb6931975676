"""Journeys of invented people with a planted mechanism, so that the true credit is known.

A journey is a row of touches. After each touch the person buys, before the next one, with a
probability that the mechanism gives for the touches so far; who buys is done, who does not gets
another touch or is never heard of again. So those who buy and those who do not are looked at in
the same moments, and a channel that sells well ends journeys early.

**The estimand.** For a journey that ended in a conversion, let P be the mechanism's probability at
the newest touch, with the person's hidden trait as it is, and P(-c) the same when channel c's
touches, and only they, are taken out of the path. Then

    effect(c) = max(0, P - P(-c));   credit(c) = effect(c) / sum of effects

and a channel's true share is its mean credit over the conversions of the sample that have any
effect at all. It is therefore the truth of these very conversions, without sampling error.

Three mechanisms, each in its file: `logistic` (order-free, what the trained model assumes),
`ordered` (additive hazards with decay, fatigue and synergy: nothing that it assumes) and
`hidden_intent` (a trait that no data shows causes both touches and purchases).
"""

from tests.support.simulated_journeys.hidden_intent import HiddenIntent
from tests.support.simulated_journeys.logistic import Logistic
from tests.support.simulated_journeys.ordered import Ordered
from tests.support.simulated_journeys.walk import Mechanism, Simulated, simulate

MECHANISMS: dict[str, Mechanism] = {
    "logistic": Logistic(),
    "ordered": Ordered(),
    "hidden_intent": HiddenIntent(),
}

__all__ = ["MECHANISMS", "Mechanism", "Simulated", "simulate"]
