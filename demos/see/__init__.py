"""The tab "See": what a network sees in a picture, from preprocessing to deep fakes; one file or folder a section."""
