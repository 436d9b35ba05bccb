"""A class: the teacher's page, the big screen and the phones, on plain routes beside Gradio's."""
