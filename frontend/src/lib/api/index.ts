export { api, signOut } from "./client";
export { ApiError, errorFromBody, isAbort, readError } from "./errors";
export { refreshSession, resumeSession } from "./refresh";
export { acceptGrant, currentUser, expireSession, forgetSession, isConfirmed, onFarewell, session, updateUser } from "./session";
export type { Answer, Query } from "./paths";
export type { SessionState } from "./session";
export type * from "./types";
