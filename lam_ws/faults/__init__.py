"""Faults on purpose: provoked in the running stack, timed, and held against a bound."""
