"""The function that follows the table's stream and queues whose photo changed."""
