"""What a factory knows, from spreadsheets to cited facts: config/knowledge/ enters."""
