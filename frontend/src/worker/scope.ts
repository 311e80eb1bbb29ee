/** What every part of the worker needs: its global scope with the right type, and what the build says of the release. */
declare const __RELEASE__: Release;

interface Release {
  /** Another one with every build that changes a file. */
  id: string;
  /** The script of the shell page: a page that names it is of this release. */
  entry: string;
  /** Every asset that a screen may need off-line. What is large and rare (formulas, colours of code) comes when it is used. */
  assets: readonly string[];
}

export const release = __RELEASE__;

export const worker = globalThis as unknown as ServiceWorkerGlobalScope;
