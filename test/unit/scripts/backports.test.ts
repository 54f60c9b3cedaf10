import { describe, expect, test } from "vitest";
import { parseSources } from "../../../scripts/setup/backports.mjs";

describe("parseSources()", () => {
  test("reads stanzas, with comments, several values and a key of many lines", () => {
    const text = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://other.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://third.example
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
`;
    expect(parseSources(text, "stanzas")).toEqual([
      {
        uris: "http://mirror.example/debian",
        suites: ["bookworm", "bookworm-updates"],
        components: ["main", "contrib"],
        signedBy: "/usr/share/keyrings/debian.gpg",
      },
      {
        uris: "http://third.example",
        suites: ["stable"],
        components: ["main"],
        signedBy: "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc",
      },
    ]);
  });

  test("reads lines, with and without options", () => {
    const text = `# deb http://off.example bookworm main
deb http://mirror.example/debian bookworm main contrib # here
deb [arch=amd64 signed-by=/k.gpg] http://signed.example bookworm main
deb-src http://mirror.example/debian bookworm main
`;
    expect(parseSources(text, "lines")).toEqual([
      {
        uris: "http://mirror.example/debian",
        suites: ["bookworm"],
        components: ["main", "contrib"],
        signedBy: undefined,
      },
      { uris: "http://signed.example", suites: ["bookworm"], components: ["main"], signedBy: "/k.gpg" },
    ]);
  });
});
