"""What a visitor does on the page, for the tests of the browser."""
