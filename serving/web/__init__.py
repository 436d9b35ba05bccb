"""What stands between the app and the internet: open addresses, limits, headers, cross-site rules; no torch, no Gradio."""
