"""The tabs of the page, one file each; every one runs alone: `python -m demos.gan`."""
