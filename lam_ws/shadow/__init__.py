"""What a policy would do where another moves the arm: predicted, judged, compared."""
