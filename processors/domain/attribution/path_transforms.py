"""What a path is reduced to before it is weighed, under the field's names for it.

unique         every touch is a step of its own: nothing is left out
exposure       of touches of one channel in a row the first stays, and stands for them all
first          of the touches of one channel, wherever they are, the first stays
remove_direct  direct touches are left out, unless all are direct

Which touches stay is decided by path, never across: `path` tells the path of each step, and the
steps of a path lie together, oldest first. No path loses its last step.

Source: path transforms of Fractribution and of Snowplow's attribution package (unique_path,
exposure_path, first_path, remove_if_not_all), where a step is a channel without a touch; that the
first touch stands for those left out is ours.
"""

import numpy as np

from processors.domain.attribution.models import BoolArray, IntArray


def exposure(path: IntArray, channel: IntArray) -> BoolArray:
    """True for the first step of each run of one channel."""
    stays = np.ones(len(path), dtype=np.bool_)
    stays[1:] = (np.diff(path) != 0) | (np.diff(channel) != 0)
    return stays


def first(path: IntArray, channel: IntArray) -> BoolArray:
    """True for the first step of each channel."""
    stays = np.zeros(len(path), dtype=np.bool_)
    channels = int(channel.max(initial=0)) + 1
    stays[np.unique(path * channels + channel, return_index=True)[1]] = True
    return stays


def without(path: IntArray, leaves: BoolArray) -> BoolArray:
    """True for the steps that do not leave, and for all of a path in which all would."""
    stays = ~leaves
    paths = int(path.max(initial=0)) + 1
    kept = np.bincount(path[stays], minlength=paths) > 0
    return stays | ~kept[path]
