"""What is shown of a run: a page on an episode, on the suite, and result.json."""
