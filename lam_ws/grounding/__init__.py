"""Grounding: from what an operator says to a plan of goals that the cell can reach."""
