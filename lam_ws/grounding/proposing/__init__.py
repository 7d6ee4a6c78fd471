"""A language model as an untrusted proposer: what may be meant, never what is done."""
