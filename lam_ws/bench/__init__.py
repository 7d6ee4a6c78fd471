"""Measurements of what the stack costs, each against a limit it promises to keep."""
