/** What the panel about a conversation can show: its first page, and the lists behind it. */
export type PanelPage = "about" | "members" | "pins" | "media" | "invites";
