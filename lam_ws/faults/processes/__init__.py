"""Faults of a running cell: processes, signals, this host's processor, disk, clock and network."""
