/** Text made to break printers: every character that means something in a Nix string, in every neighbourhood. */

const fragments: readonly string[] = [
  ...[
    '"',
    "'",
    "''",
    "'''",
    "$",
    "$$",
    "${",
    "}",
    "${x}",
    "''${",
    "\\",
    "\\\\",
    "\\n",
    "\\$",
    "''\\",
    "''$",
    "$'",
    "\\${",
  ],
  ...["\n", "\n\n", "\n  ", "\n    ", "\n\t", "\t", "\r", "\r\n", " ", "  ", "\u00a0", "\n \n"],
  ...[
    "a",
    "b c",
    "x = 1;",
    "#",
    "/*",
    "*/",
    "{",
    "[",
    ";",
    "é",
    "雪",
    "🌨",
    "\u2028",
    "\u0001",
    "\u007f",
    "\ue000",
    "</nix>",
    "~/",
    "@",
    "%",
    "-",
    ".",
  ],
];

/** The same numbers for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text of up to `most` fragments. */
export function nastyText(random: () => number, most = 9): string {
  const count = Math.floor(random() * (most + 1));
  return Array.from({ length: count }, () => fragments[Math.floor(random() * fragments.length)] ?? "").join("");
}

/** A text of several lines, most of which suit an indented string. */
export function nastyLines(random: () => number): string {
  const count = 1 + Math.floor(random() * 4);
  const lines = Array.from(
    { length: count },
    () => `${" ".repeat(Math.floor(random() * 3) * 2)}${nastyText(random, 4).replace(/[\n\r]/g, "")}`,
  );
  return `${random() < 0.8 ? "-" : ""}${lines.join("\n")}${random() < 0.7 ? "\n" : ""}`;
}
