/** Put in by the bundler; from source there is none. */
declare const FLOE_VERSION: string | undefined;

/** This floe's version, as in its package.json. */
export const version: string = typeof FLOE_VERSION === "undefined" ? "0.0.0-source" : FLOE_VERSION;
