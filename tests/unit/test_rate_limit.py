"""Random steps of time, answers and attempts: our rate limit and botocore's must say the same."""

import os
import random
import subprocess

import pytest
from botocore.retries import adaptive, bucket, throttling

STEPS = 400


class Clock(bucket.Clock):
    """Stands still between the steps."""

    def __init__(self, now):
        self.now = now

    def current_time(self):
        return self.now


class Detector:
    throttled = False

    def is_throttling_error(self, **kwargs):
        return self.throttled


class Referee:
    """botocore's limiter as its adaptive mode puts it together."""

    def __init__(self, now):
        self.clock, self.detector = Clock(now), Detector()
        self.cubic = throttling.CubicCalculator(starting_max_rate=0, start_time=now)
        self.bucket = bucket.TokenBucket(max_rate=1, clock=self.clock)
        self.measure = adaptive.RateClocker(self.clock)
        self.limiter = adaptive.ClientRateLimiter(
            self.cubic, self.measure, self.bucket, self.detector, self.clock)

    def send(self):
        """Seconds to wait; the token is taken as after the wait."""
        if not self.limiter._enabled:
            return 0
        self.bucket._refill()
        wait = max(0, self.bucket._sleep_amount(1))
        self.bucket._current_capacity -= 1
        return wait

    def step(self, now, event):
        self.clock.now, wait = now, 0
        if event == "send":
            wait = self.send()
        else:
            self.detector.throttled = event == "throttled"
            self.limiter.on_receiving_response()
        return (wait, self.measure.measured_rate, self.bucket.max_rate, self.bucket.max_capacity,
                self.bucket.available_capacity, self.cubic.get_params_snapshot().w_max)


def steps_of(dice, now):
    """A busy client, which is throttled at times and idle at times."""
    for _ in range(STEPS):
        now += dice.choice([0, dice.uniform(0, 0.05), dice.uniform(0, 0.5), dice.uniform(0, 5)])
        yield round(now, 6), dice.choices(["send", "ok", "throttled"], [4, 4, dice.choice([0, 1, 3])])[0]


def run_ours(start, steps):
    text = f"{start}\n" + "".join(f"{now} {event}\n" for now, event in steps)
    result = subprocess.run([os.environ["RATE_STEPS"]], input=text, capture_output=True, check=True, text=True)
    return [tuple(map(float, line.split())) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("seed", range(30))
def test_random_steps(seed):
    dice = random.Random(seed)
    start = round(dice.uniform(1, 100_000), 6)
    steps = list(steps_of(dice, start))
    referee = Referee(start)
    expected = [referee.step(*step) for step in steps]
    ours = run_ours(start, steps)
    assert len(ours) == len(expected)
    for number, (mine, theirs) in enumerate(zip(ours, expected)):
        assert mine == pytest.approx(theirs, rel=1e-8, abs=1e-8), (number, steps[number])
