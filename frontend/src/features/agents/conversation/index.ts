/** What agents bring to a conversation: who is at work, what was written and what it cost, who is in a group. */
export { Bar } from "./Bar";
export { Details } from "./Details";
export { Foot } from "./Foot";
