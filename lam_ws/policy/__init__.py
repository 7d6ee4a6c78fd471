"""Policies: from observation and goal to a chunk of joint targets."""
