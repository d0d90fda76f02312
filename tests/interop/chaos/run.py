#!/usr/bin/python3 -B
"""A pair of real daemons under load and random faults, judged by the packets: see README.md.

    sudo tests/interop/chaos/run.py --minutes 30 --seed 1
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.campaign import Campaign  # noqa: E402
from lab import laboratory  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="random faults for a pair of servers, by a seed")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reason = laboratory.can_make_namespaces()
    if reason:
        sys.exit(f"chaos: {reason}")
    with laboratory.Laboratory() as lab:
        findings = Campaign(lab, options.seed, options.minutes * 60, lambda text: print(text, flush=True)).run()
    print(findings.summary())
    sys.exit(1 if findings.broken else 0)


if __name__ == "__main__":
    main()
