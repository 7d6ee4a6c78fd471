"""Learned readings of a sentence: which named thing plays which part in it."""
