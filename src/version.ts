/** Put in by the bundler; from source there is none. */
declare const FLOE_VERSION: string | undefined;
declare const FLOE_BUILD: string | undefined;

/** This floe's version, as in its package.json. */
export const version: string = typeof FLOE_VERSION === "undefined" ? "0.0.0-source" : FLOE_VERSION;

/** A hash of everything this floe was built from; undefined from source, where any line may change. */
export const build: string | undefined = typeof FLOE_BUILD === "undefined" ? undefined : FLOE_BUILD;
