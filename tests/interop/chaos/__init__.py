"""Real daemons, random faults, and the rules that hold all the same."""
