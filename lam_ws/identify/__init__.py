"""What recordings tell about an arm's drives, for a simulator that follows as the arm does."""
