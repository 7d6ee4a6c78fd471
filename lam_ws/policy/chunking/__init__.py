"""Learned chunks for any embodiment: pixels, numbers and a sentence enter, actions leave.

Nothing here knows of an arm, a cell or ROS. `chunker.py` is the contract: one class with one
function of plain arrays. `lam_ws.policy.chunked` puts it behind the contract of a policy.
"""
