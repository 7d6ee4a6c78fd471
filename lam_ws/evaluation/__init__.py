"""Closed-loop success, measured: cases, verdicts, intervals, causes."""
