"""What a network sees: classification and saliency."""
