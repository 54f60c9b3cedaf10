/** POSIX extended regular expressions, which Nix has, as JavaScript's. */

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  xdigit: "A-Fa-f0-9",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  graph: "!-~",
  print: " -~",
  word: "\\w",
};

/**
 * A pattern that matches a whole text as `builtins.match` does. Undefined for what JavaScript would read differently: better no check than a wrong one.
 */
export function fromPosix(pattern: string): RegExp | undefined {
  const parts: string[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at] as string;
    const step =
      char === "[" ? bracket(pattern, at) : char === "\\" ? escaped(pattern, at) : { text: char, next: at + 1 };
    if (step === undefined || pattern.startsWith("(?", at)) return undefined;
    parts.push(step.text);
    at = step.next;
  }
  try {
    return new RegExp(`^(?:${parts.join("")})$`, "s");
  } catch {
    return undefined;
  }
}

// --- internal ---

interface Step {
  readonly text: string;
  readonly next: number;
}

/** `[...]`, where a backslash is an ordinary character and `]` may stand first. */
function bracket(pattern: string, start: number): Step | undefined {
  let at = start + 1;
  let text = "[";
  if (pattern[at] === "^") {
    text += "^";
    at++;
  }
  const first = at;
  for (; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === "]" && at > first) return { text: `${text}]`, next: at + 1 };
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at));
    if (named !== null) {
      const members = CLASSES[named[1] as string];
      if (members === undefined) return undefined;
      text += members;
      at += named[0].length - 1;
    } else if (char === "[" && /^\[[.=]/.test(pattern.slice(at))) return undefined;
    else text += "\\[]^".includes(char) ? `\\${char}` : char;
  }
  return undefined;
}

/** Outside brackets: an escaped character stands for itself; letters and digits have other meanings somewhere. */
function escaped(pattern: string, at: number): Step | undefined {
  const next = pattern[at + 1];
  return next === undefined || /[A-Za-z0-9<>]/.test(next) ? undefined : { text: `\\${next}`, next: at + 2 };
}
