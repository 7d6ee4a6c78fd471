"""The simulated cell: PyBullet physics, generated arms, cameras, scenes and a scripted expert."""
