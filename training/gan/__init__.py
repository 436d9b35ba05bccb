"""The training command for GANs and the export of its runs into weights/."""
