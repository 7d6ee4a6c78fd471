"""Faults in an episode in lock-step, and of the guard alone: tiers S and U."""
