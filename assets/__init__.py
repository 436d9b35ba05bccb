"""The sample photographs and paintings, and what reads them."""
