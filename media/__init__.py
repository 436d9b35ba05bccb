"""Reading and writing of pictures, videos and archives from visitors. Imports no torch."""
