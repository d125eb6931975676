"""The libraries' cases, run by the python that has them: `python journey_peers.py CASE FOLDER`.

Imports nothing of the project, so that it runs without it. As elsewhere the clock starts when the
rows are in memory, here as the data frame that the library asks for. A case that ours are compared
with tells its answers, too: conversions by model and channel, the models under our names.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

_PLACES: Final = 3
_THREE: Final = {"first_touch": "first_click", "last_touch": "last_click", "linear": "linear"}
_FIVE: Final = {**_THREE, "position_based": "position_based", "time_decay": "time_decay"}

Answers = dict[str, dict[str, float]]


def _channel_attribution(frame: Any) -> Answers:
    library = importlib.import_module("ChannelAttribution")
    found = library.heuristic_models(frame, "journey", "conversion", sep=">", flg_pro=False)
    columns = {"first_touch": "first_touch", "last_touch": "last_touch", "linear": "linear_touch"}
    return {
        model: _named(found["channel_name"], found[column]) for model, column in columns.items()
    }


def _channel_attribution_markov(frame: Any) -> Answers:
    library = importlib.import_module("ChannelAttribution")
    found = library.markov_model(
        frame, "journey", "conversion", var_null="null", sep=">", verbose=False, flg_pro=False
    )
    return {"markov": _named(found["channel_name"], found["total_conversions"])}


def _dp6_heuristics(frame: Any, models: dict[str, str]) -> Answers:
    told = _dp6(frame)
    return {model: _aggregated(getattr(told, f"run_{name}")()) for model, name in models.items()}


def _dp6_markov(frame: Any) -> Answers:
    return {"markov": _aggregated(_dp6(frame).run_markov())}


def _dp6(frame: Any) -> Any:
    return importlib.import_module("mam.core").MAM(
        df=frame,
        format_type="journey",
        channels_colname="journey",
        journey_with_conv_colname="conversion",
        time_till_conv_colname="time_till_end",
    )


def _aggregated(result: Any) -> dict[str, float]:
    frame = result.to_polars()
    return _named(frame["channels"], frame["attribution"])


def _named(channels: Any, values: Any) -> dict[str, float]:
    return dict(zip(map(str, channels), map(float, values), strict=True))


def _with_pandas(rows: Path) -> Any:
    return importlib.import_module("pandas").read_csv(rows)


def _with_polars(rows: Path) -> Any:
    return importlib.import_module("polars").read_csv(rows)


Case = tuple[Callable[[Path], Any], str, Callable[[Any], Answers]]
CASES: Final[dict[str, Case]] = {
    "ChannelAttribution: 3 models": (_with_pandas, "journeys.csv", _channel_attribution),
    "ChannelAttribution: 3 models, counted": (_with_pandas, "counted.csv", _channel_attribution),
    "ChannelAttribution: Markov": (_with_pandas, "journeys.csv", _channel_attribution_markov),
    "ChannelAttribution: Markov, counted": (
        _with_pandas, "counted.csv", _channel_attribution_markov,
    ),
    "DP6: 3 models": (_with_polars, "journeys.csv", lambda f: _dp6_heuristics(f, _THREE)),
    "DP6: 5 models": (_with_polars, "journeys.csv", lambda f: _dp6_heuristics(f, _FIVE)),
    "DP6: Markov": (_with_polars, "journeys.csv", _dp6_markov),
}  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """One case, told as JSON on the last line."""
    case, folder = arguments
    # Before the clock starts, and not the other library: its memory would count, too.
    importlib.import_module("mam.core" if case.startswith("DP6") else "ChannelAttribution")
    read, name, work = CASES[case]
    frame = read(Path(folder) / name)
    wall, cpu = time.perf_counter(), time.process_time()
    answers = work(frame)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {
        "s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": round(peak),
        "answers": {
            model: {channel: round(own, _PLACES) for channel, own in of.items()}
            for model, of in answers.items()
        },
    }  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
