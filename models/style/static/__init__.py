"""Style transfer as a GPU does it fast: one precision and one layout throughout, and tensors that stay in place."""
