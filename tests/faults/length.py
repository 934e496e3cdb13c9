"""How long the tests of faults are: a short form with all other tests, a long one with `make faults`."""

import os
import random

SECONDS = float(os.environ.get("FAULTS_SECONDS", "15"))
LONG = SECONDS >= 60
SEED = int(os.environ.get("FAULTS_SEED", "0")) or random.randrange(2**32)
