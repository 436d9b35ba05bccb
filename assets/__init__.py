"""The sample photographs and paintings, and the module that reads them."""
