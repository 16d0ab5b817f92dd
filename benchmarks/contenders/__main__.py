"""`python -m benchmarks.contenders NAME`: one JSON request a line in, one JSON answer a line out."""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings


def main() -> None:
    """Serve until the input ends; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    contender = importlib.import_module(f"benchmarks.contenders.{sys.argv[1]}")
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(contender.JOBS[request.pop("job")](**request)), file=answers, flush=True)


main()
