"""What repeated measurements say: medians, how far they scatter, ratios."""

import math
import statistics

median = statistics.median


def spread(values):
    """The middle half of the values by their median, or None for too few of them."""
    if len(values) < 3 or not median(values):
        return None
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return (third - first) / median(values)


def quantile(values, share):
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def ratios(ours, theirs):
    """Round by round, so that what slows a whole round down does not count."""
    return [our / their for our, their in zip(ours, theirs, strict=True)]


def interleaved(actions, rounds):
    """{name: [what the action returned]}: in each round every action once, another one first each time."""
    names = list(actions)
    results = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(actions[name]())
    return results
