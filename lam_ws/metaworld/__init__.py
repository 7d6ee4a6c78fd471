"""An outside yardstick: the second learner on the fifty tasks of Meta-World."""
