"""Real cameras: where their images come from, and how they are calibrated. OpenCV is used here."""
