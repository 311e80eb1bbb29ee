export { api, authorizedFetch, signOut } from "./client";
export { ApiError, errorFromBody, isAbort, readError } from "./errors";
export { refreshSession, resumeSession } from "./refresh";
export { acceptGrant, currentUser, expireSession, forgetSession, onFarewell, session, updateUser } from "./session";
export type { SessionState } from "./session";
export type * from "./types";
