/** Conversations on the screen: what one is asked about a call stands in them. */
export const shownConversations = new Set<string>();
