"""Learning from journeys: the data_driven model, Markov's removal effects, the decay's half-life.

Pure and repeatable: the same journeys, in whatever order, give the same integers.
"""

from processors.domain.attribution.learning.gate import Refused
from processors.domain.attribution.learning.half_life import HalfLife, half_life
from processors.domain.attribution.learning.journeys import TrainingJourneys
from processors.domain.attribution.learning.training import Trained, train

__all__ = ["HalfLife", "Refused", "Trained", "TrainingJourneys", "half_life", "train"]
