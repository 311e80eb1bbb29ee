/** Fetched at the first ring or press: nothing of it is in the first screen. */
export { LocalMedia } from "./local";
export { Plane } from "./plane";
export { CallSession } from "../model/session";
