"""The review page: a saved plan in the browser, on loopback, over the same functions as the command line."""
