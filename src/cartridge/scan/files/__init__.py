"""What lies in a file: databases, statements, and the notes that other tools keep."""
