"""A Large Action Model stack for robot arms on ROS 2.

The data path: an instruction in Korean or English is grounded into a plan; perception turns
camera frames into a scene; a vision-language-action policy turns frames, joint state and
sub-instruction into chunks of joint targets; the guard lets only safe commands through; an
arm moves, simulated or real. `pipeline.py` shows the whole path on one page.
"""

__version__ = '0.1.0'
