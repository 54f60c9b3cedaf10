/** The flags every verb takes. They may stand before or after the verb. */

export interface GlobalFlags {
  readonly project?: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly verbose: boolean;
  readonly showTrace: boolean;
  readonly noColor: boolean;
}

export const globalFlags = {
  project: {
    kind: "parsed",
    parse: String,
    placeholder: "DIR",
    brief: "The project's folder; default: the nearest one upwards with a floe.config.ts",
    optional: true,
  },
  json: { kind: "boolean", default: false, brief: "Write one versioned JSON document to stdout" },
  yes: { kind: "boolean", default: false, brief: "Ask nothing" },
  verbose: { kind: "boolean", default: false, brief: "Show what is unchanged, full paths and whole logs" },
  showTrace: { kind: "boolean", default: false, withNegated: false, brief: "Show all that nix printed about an error" },
  noColor: { kind: "boolean", default: false, withNegated: false, brief: "No colours; NO_COLOR does the same" },
} as const;

export const globalAliases = { C: "project", y: "yes", v: "verbose" } as const;

/** Names that `floe plan --help` lists under the verb's own flags. */
export const globalFlagNames: ReadonlySet<string> = new Set(Object.keys(globalFlags));
