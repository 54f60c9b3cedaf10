import type { Field } from "./field.ts";

/** Tags select hosts and containers as `@tag`. */
export function readTags(field: Field): string[] {
  return field.list((tag) =>
    tag.textLike((text) => /^[\w.:-]+$/.test(text), "be a tag of letters, digits and . : _ -"),
  );
}
