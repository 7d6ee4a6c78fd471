"""Understanding an operator by what the factory knows: words to links, deeds, checks, an answer."""
