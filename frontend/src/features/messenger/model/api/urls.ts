/** Where most endpoints are, as the schema writes their paths, and how much they are asked for. */
export const CONVERSATION = "/api/messenger/conversations/{conversation_id}";
export const MESSAGE = "/api/messenger/messages/{message_id}";

/** What a screen shows of a list before more is asked for. */
export const PAGE = 50;
