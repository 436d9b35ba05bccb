"""What each section of the Paint tab means, in everyday words, with the lecture's terms in brackets."""

WALL = (
    "A network that learned to recognise things in photos sees shapes in its upper layers (content) and textures and "
    "colours in how its filters work together (style). Painting means: keep the content of the photo, take the style "
    "of the painting (neural style transfer)."
)
SLOWLY = (
    "The picture is changed in many small steps until the network sees the photo's content and the painting's style "
    "in it (optimisation after Gatys et al., 2016). The curves show how far it still is from each (the losses)."
)
GRAM = (
    "A layer of the network has many filters, for example for edges or spots. The table shows for every two of them "
    "whether they respond in the same places (the Gram matrix). Where things are in the picture does not matter for "
    "it, and that is why it stands for the style."
)
SEPARATE = (
    "Starts from noise and changes it until one layer cannot tell it from the original. What comes out is what that "
    "layer knows: lower layers keep every pixel, upper ones only the shapes (content representation)."
)
MAPS = (
    "Each map shows where one filter responds strongly in the picture (activation). Lower layers find edges and "
    "colours, upper ones parts of things."
)
MANY = (
    "The same painting for many pictures at once: every sample painting for your photo, every photo of a folder, or "
    "every frame of a short film."
)
