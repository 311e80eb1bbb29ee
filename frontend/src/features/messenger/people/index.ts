export { PersonFinder } from "./PersonFinder";
export { Handle, PersonRow } from "./PersonRow";
export { presenceText } from "./presence";
export { PresenceDot } from "./PresenceDot";
export type { PersonLike, Presence } from "./types";
