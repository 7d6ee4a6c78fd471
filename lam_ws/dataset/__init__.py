"""Recordings for learning in the layout of LeRobot's dataset v3.0, written and read here."""
