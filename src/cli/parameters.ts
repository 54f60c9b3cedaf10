/** Positional arguments and values that several verbs share. */
import { parseDuration } from "../util/duration.ts";
import type { Cli } from "./context.ts";

/** Words for the shells' completion; what makes them is read only then. */
const propose = (which: "selectorWords" | "buildWords" | "hostWords" | "instanceWords" | "shellWords" | "inputWords") =>
  async function (this: Cli, partial: string): Promise<readonly string[]> {
    const words = await (await import("./complete-names.ts"))[which](this, partial);
    return words.filter((word) => word.startsWith(partial));
  };

/** Any number of selectors. */
export const selectors = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "SELECTOR",
    brief: "web, host:crown, container:web, instance:web-1, @tag, or a glob such as 'web-*'",
    proposeCompletions: propose("selectorWords"),
  },
} as const;

/** Any number of selectors, for what is built. */
export const buildSelectors = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "SELECTOR",
    brief: "web, host:crown, container:web, instance:web-1, home:me@laptop, @tag, or a glob such as 'web-*'",
    proposeCompletions: propose("buildWords"),
  },
} as const;

/** The name of a dev shell, perhaps of another fleet. */
export const shellName = {
  parse: String,
  placeholder: "NAME",
  brief: "A dev shell; FLEET/NAME for one of another fleet",
  proposeCompletions: propose("shellWords"),
} as const;

/** Any number of hosts; none: this machine. */
export const hostSelectors = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "SELECTOR",
    brief: "crown, host:crown, @tag, or a glob such as 'web-*'; none: this machine",
    proposeCompletions: propose("hostWords"),
  },
} as const;

/** Any number of the flake's inputs; none: all. */
export const inputNames = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "INPUT",
    brief: "nixpkgs, or home-manager/nixpkgs for an input of an input; none: all",
    proposeCompletions: propose("inputWords"),
  },
} as const;

/** Exactly one name. */
export const oneName = {
  kind: "tuple",
  parameters: [
    {
      parse: String,
      placeholder: "NAME",
      brief: "The name of an instance",
      proposeCompletions: propose("instanceWords"),
    },
  ],
} as const;

/** Any number of instances, at least one. */
export const instanceNames = {
  kind: "array",
  minimum: 1,
  parameter: {
    parse: String,
    placeholder: "NAME",
    brief: "web-1, container:web, @tag, or a glob such as 'web-*'",
    proposeCompletions: propose("instanceWords"),
  },
} as const;

/** A whole number of at least 1. @throws SyntaxError, which stricli takes for a value that does not fit */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new SyntaxError(`"${text}" is not a whole number above zero`);
  return Number(text);
}

/** `30s`, `2m`, or a number of seconds, in milliseconds. @throws SyntaxError */
export function parseTime(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new SyntaxError(`"${text}" is no time such as "90s", "2m" or a number of seconds`);
  return ms;
}
