"""Journeys for tests, written as text: `a b:3 !` is a touch of a, 3 days later one of b, a sale."""

import numpy as np

from processors.domain.attribution.learning import TrainingJourneys

DAY = 86_400_000
_HOUR = 3_600_000


def journeys(*written: str, after_ms: int = 10 * DAY) -> TrainingJourneys:
    """Each touch is a channel's name, with `:days` since the touch before (else an hour). A
    conversion comes an hour after the newest touch; without one the data end `after_ms` after."""
    rows: list[tuple[int, str, int, bool]] = []
    for number, line in enumerate(written):
        words = line.split()
        sold = words[-1] == "!"
        at, touches = 0, []
        for place, word in enumerate(words[:-1] if sold else words):
            name, _, days = word.partition(":")
            if place:
                at += round(float(days) * DAY) if days else _HOUR
            touches.append((name, at))
        end = at + (_HOUR if sold else after_ms)
        rows += [(number, name, end - when, sold) for name, when in touches]
    names = tuple(sorted({name for _, name, _, _ in rows}))
    return TrainingJourneys(
        channels=names,
        journey=np.array([row[0] for row in rows], dtype=np.int64),
        channel=np.array([names.index(row[1]) for row in rows], dtype=np.int64),
        age_ms=np.array([row[2] for row in rows], dtype=np.int64),
        converted=np.array([row[3] for row in rows], dtype=np.bool_),
    )


def shuffled(given: TrainingJourneys, seed: int) -> TrainingJourneys:
    """The same journeys, rows and codes of channels in another order."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(given.journey))
    code = random.permutation(len(given.channels))
    names = [""] * len(code)
    for old, new in enumerate(code):
        names[new] = given.channels[old]
    return TrainingJourneys(
        channels=tuple(names),
        journey=given.journey[order],
        channel=code[given.channel[order]],
        age_ms=given.age_ms[order],
        converted=given.converted[order],
    )
