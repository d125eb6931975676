"""One fanout replica as an OS process: the real processor under the real engine."""

from processors import fanout
from processors.engine import runner
from processors.engine.settings import EngineSettings
from processors.engine.spec import Spec

SPEC = Spec(
    name="fanout",
    inputs=("deliveries.meta.v1", "deliveries.ga4.v1"),
    outputs=("delivery_outcomes.v1",),
    engine="batches",
    factory=fanout.factory,
)

if __name__ == "__main__":
    runner.main(SPEC, EngineSettings.load())
