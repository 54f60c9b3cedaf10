/** The flags of `apply` for when nobody looks. Apart from what they do, because help reads them. */
export interface UnattendedFlags {
  readonly instances?: "running";
  readonly updateInputs?: readonly string[];
  readonly notify: boolean;
}

export const unattendedFlags = {
  instances: {
    kind: "enum",
    values: ["running"],
    placeholder: "running",
    brief: "running: leave alone what is stopped or not made yet",
    optional: true,
  },
  updateInputs: {
    kind: "parsed",
    parse: (text: string): readonly string[] => text.split(",").filter((name) => name !== ""),
    placeholder: "NAME,...",
    brief: "Bring these inputs of the flake up to date first; taken back when nothing could be applied",
    optional: true,
  },
  notify: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Send a summary to who the fleet's `nightly.notify` names, unless nothing changed",
  },
} as const;
