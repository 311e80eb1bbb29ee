export const SEARCH_ID = "chat-search";
