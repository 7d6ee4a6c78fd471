"""Understanding an operator by what the factory knows: words to links, deeds and an answer."""
