"""The page /lecture: the lecture's steps in their order, each with a link that opens the app."""
