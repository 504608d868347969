"""The function that reads the table's stream and queues the users whose photo changed."""
