"""May an order be carried out: facts and rules of the company, and what speaks against it."""
