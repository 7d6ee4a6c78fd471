"""Recordings: an episode goes to disk as rosbag2 MCAP and comes back as arrays and film."""
