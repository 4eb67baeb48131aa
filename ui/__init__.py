"""Where people meet the assistant: HTTP, chat page, command line."""
