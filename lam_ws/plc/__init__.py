"""The cell's PLC: its signals enter the stack here, and what the cell does goes back to it."""
