"""What every peer in Python is: a process that answers, line by line, how long a step takes.

It first says who it is and which workloads it has. Then each line of stdin names a workload, and each
answer on stdout is one timed round of it: {"ms": of one step, "steps": in the round}.
"""

import json
import os
import sys
import time

ROUND_SECONDS = 0.4


def serve(hello, workloads):
    """`workloads`: by letter, what prepares it and returns a function that does n steps."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not be taken for an answer

    def say(value):
        print(json.dumps(value), file=answers, flush=True)

    say({**hello, "workloads": sorted(workloads)})
    current, run, steps = None, None, 0
    for line in sys.stdin:
        letter = line.strip()
        try:
            if letter != current:
                run = None  # lets go of the memory of the last one
                run = workloads[letter]()
                current, steps = letter, steps_in_a_round(run)
            say({"ms": timed(run, steps) * 1000 / steps, "steps": steps})
        except Exception as error:
            current = None
            say({"error": f"{type(error).__name__}: {error}"})


def timed(run, steps):
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start


def steps_in_a_round(run):
    run(2)  # the first steps compile and allocate
    steps = 1
    while (seconds := timed(run, steps)) < ROUND_SECONDS / 4:
        steps *= 2
    return max(1, round(steps * ROUND_SECONDS / seconds))
