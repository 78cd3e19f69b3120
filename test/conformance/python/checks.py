"""Prints `ok <check>` or `not ok <check>` with the reason indented below it, as the runner of the suites reads it."""

import contextlib
import sys
import time
import traceback


@contextlib.contextmanager
def check(sentence):
    """Reports what happens in its block; the walk goes on after a failure."""
    try:
        yield
    except Exception:  # pylint: disable=broad-except
        print(f"not ok {sentence}")
        for line in traceback.format_exc(chain=False).rstrip().splitlines():
            print(f"  {line}")
    else:
        print(f"ok {sentence}")
    sys.stdout.flush()


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def until(condition, seconds=200):
    """The first value of `condition` that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not true within {seconds} s")


def refused(call, error, reason, domain="storagetransfer.googleapis.com", **metadata):
    """Demands that `call` raises `error` with this ErrorInfo; of the metadata, those given."""
    try:
        answer = call()
    except error as refusal:
        equal((refusal.reason, refusal.domain), (reason, domain))
        equal({key: (refusal.metadata or {}).get(key) for key in metadata}, metadata)
        return refusal
    raise AssertionError(f"accepted: {answer!r}")
