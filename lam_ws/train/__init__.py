"""Learning: data from the simulated cell, and the trainings that make models/."""
