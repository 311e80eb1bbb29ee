"""Where functions come from that nobody typed: OpenAPI documents and MCP servers."""
