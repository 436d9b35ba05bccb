"""Connects Gradio to the limits of `serving/web`: its queue, its calls, its files and its start."""
