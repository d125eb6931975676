"""The libraries' cases, run by the python that has them: `python journey_peers.py CASE FOLDER`.

Imports nothing of the project, so that it runs without it. As elsewhere the clock starts when the
rows are in memory, here as the data frame that the library asks for.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final


def _channel_attribution(frame: Any) -> None:
    library = importlib.import_module("ChannelAttribution")
    library.heuristic_models(frame, "journey", "conversion", sep=">", flg_pro=False)


def _channel_attribution_markov(frame: Any) -> None:
    library = importlib.import_module("ChannelAttribution")
    library.markov_model(
        frame, "journey", "conversion", var_null="null", sep=">", verbose=False, flg_pro=False
    )


def _dp6_heuristics(frame: Any) -> None:
    told = _dp6(frame)
    for model in ("first_click", "last_click", "linear", "position_based", "time_decay"):
        getattr(told, f"run_{model}")()


def _dp6_markov(frame: Any) -> None:
    _dp6(frame).run_markov()


def _dp6(frame: Any) -> Any:
    return importlib.import_module("mam.core").MAM(
        df=frame,
        format_type="journey",
        channels_colname="journey",
        journey_with_conv_colname="conversion",
        time_till_conv_colname="time_till_end",
    )


CASES: Final[dict[str, Callable[[Any], None]]] = {
    "ChannelAttribution: 3 models": _channel_attribution,
    "ChannelAttribution: Markov": _channel_attribution_markov,
    "DP6: 5 models": _dp6_heuristics,
    "DP6: Markov": _dp6_markov,
}


def main() -> None:
    """One case, told as JSON on the last line."""
    case, folder = sys.argv[1:]
    for module in ("ChannelAttribution", "mam.core"):
        importlib.import_module(module)
    rows = Path(folder) / "journeys.csv"
    if case.startswith("DP6"):
        frame = importlib.import_module("polars").read_csv(rows)
    else:
        frame = importlib.import_module("pandas").read_csv(rows)
    wall, cpu = time.perf_counter(), time.process_time()
    CASES[case](frame)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mb": round(peak)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
