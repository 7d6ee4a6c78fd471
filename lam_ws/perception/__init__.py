"""Perception: checked observations, camera health, and what is where in the scene."""
