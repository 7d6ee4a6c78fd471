"""The guard: what stands between every policy and every arm, and lets only safe commands by."""
