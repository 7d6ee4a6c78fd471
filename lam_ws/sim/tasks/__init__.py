"""The factory task suite: a file a task, with its scene, its goals, its motion and its judge."""
