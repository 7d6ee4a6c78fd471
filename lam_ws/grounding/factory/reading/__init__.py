"""From what an operator types to drafts of deeds: letters, names, words, and what they say."""
