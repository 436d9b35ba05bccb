"""Between the app and the internet: open addresses, limits, headers, cross-site rules. No torch, no Gradio."""
