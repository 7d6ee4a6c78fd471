"""The operator's page in the browser: shows the cell, and commands it as one more commander."""
