import { expect, test } from "vitest";
import { readListing } from "../../../src/format/listing.ts";

const listing = (...lines: string[]): string => lines.map((line) => `${line}\0`).join("");

test("a file that is as in the index has the index's blob; what comes again is changed or deleted", () => {
  const known = readListing(
    listing(
      "? new\tname\n.txt",
      "H 100644 aaa 0\tz.txt",
      "H 100755 bbb 0\tchanged.sh",
      "C 100755 bbb 0\tchanged.sh",
      "H 100644 ccc 0\tgone.txt",
      "R 100644 ccc 0\tgone.txt",
      "C 100644 ccc 0\tgone.txt",
      "H 120000 ddd 0\tlink",
      "H 160000 eee 0\tsubmodule",
    ),
  );
  expect(known.files).toEqual(["changed.sh", "gone.txt", "link", "new\tname\n.txt", "submodule", "z.txt"]);
  expect([...known.blobs]).toEqual([["z.txt", "aaa"]]);
  expect(known.changed).toEqual(["new\tname\n.txt", "changed.sh", "gone.txt"]);
  expect(known.isWhole).toBe(true);
});

test.each([
  ["an unfinished merge", listing("M 100644 aaa 1\tx", "M 100644 bbb 2\tx", "C 100644 bbb 2\tx")],
  ["a file outside a sparse checkout", listing("S 100644 aaa 0\tx")],
  ["a file that is assumed to be unchanged", listing("h 100644 aaa 0\tx")],
])("%s is not seen whole", (_, text) => {
  expect(readListing(text)).toMatchObject({ files: ["x"], isWhole: false, blobs: new Map() });
});
