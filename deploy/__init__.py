"""How the app gets onto other machines: a Hugging Face Space, or one server with a database and a proxy."""
