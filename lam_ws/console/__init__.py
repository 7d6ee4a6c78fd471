"""The operator's page: everything that is shown in a browser, and nothing that moves an arm."""
