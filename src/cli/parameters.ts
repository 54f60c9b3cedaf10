/** Positional arguments that several verbs share. */

/** Any number of selectors. */
export const selectors = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "SELECTOR",
    brief: "web, host:crown, container:web, instance:web-1, @tag, or a glob such as 'web-*'",
  },
} as const;

/** Exactly one name. */
export const oneName = {
  kind: "tuple",
  parameters: [{ parse: String, placeholder: "NAME", brief: "The name of an instance" }],
} as const;
