import { expect, test } from "vitest";
import { verbs } from "../../../src/cli/verbs.ts";

test("stricli takes every verb's flags: it is asked about one only when it is typed", () => {
  for (const { name, command } of verbs) expect(command.build().brief, name).toBe(command.brief);
});
