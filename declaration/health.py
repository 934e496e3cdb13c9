"""`python -m declaration.health [PORT]`: the probe of operators and containers."""

import sys

from declaration.ops.healthcheck import alive

if __name__ == "__main__":
    sys.exit(0 if alive(*sys.argv[1:]) else 1)
