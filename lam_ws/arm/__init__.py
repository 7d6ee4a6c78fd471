"""Arms: the contract that a simulated cell and a hardware driver share."""
