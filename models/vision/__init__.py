"""Networks for vision: image classification and saliency."""
