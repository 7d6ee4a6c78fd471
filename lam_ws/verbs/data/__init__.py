"""`lam data KIND`: what is learned from, made, taken in, looked at and put in order."""
