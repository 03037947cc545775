"""What devices and the server say to each other, as text: topics and message bodies, with no input or output."""
