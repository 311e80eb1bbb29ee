/** The messenger's endpoints, one function each. All reject with `ApiError`. */
export * from "./conversations";
export * from "./media";
export * from "./members";
export * from "./messages";
export * from "./people";
