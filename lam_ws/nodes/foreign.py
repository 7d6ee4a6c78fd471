"""Participants that have nothing to do with the cell, many in one process, on its domain.

A number enters; so many ROS nodes appear at once, each a participant of its own with a topic
that changes, and leave again when this process is told to end. `lam_ws.faults` sees by them
whether a cell takes notice of strangers. Run as `python -m lam_ws.nodes.foreign NUMBER`.
"""
import sys

from lam_ws.nodes.lifecycle import follow_signals
import rclpy
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Header

_PERIOD_S = 0.05


def main() -> int:
    """Be so many participants as the argument says, until told to end."""
    ending = follow_signals()
    contexts, publishers = [], []
    try:
        for number in range(int(sys.argv[1])):
            context = rclpy.Context()
            rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
            contexts.append(context)
            node = rclpy.create_node(f'stranger_{number}', context=context)
            publishers.append(node.create_publisher(Header, f'strange_{number}', 10))
            if ending.is_set():
                break
        print('HERE', flush=True)
        while not ending.wait(_PERIOD_S):
            for publisher in publishers:
                publisher.publish(Header(frame_id='stranger'))
    finally:
        for context in contexts:
            context.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
