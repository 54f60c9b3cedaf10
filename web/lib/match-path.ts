/** Paths of the page: patterns such as `/instances/:name`. */

export type PathParams = Readonly<Record<string, string>>;

/** The parameters, decoded; undefined when the path is another. A slash at the end makes no difference. */
export function matchPath(pattern: string, path: string): PathParams | undefined {
  const wanted = segments(pattern);
  const given = segments(path);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== value) return undefined;
      continue;
    }
    const decoded = decode(value);
    if (decoded === undefined) return undefined;
    params[segment.slice(1)] = decoded;
  }
  return params;
}

// --- internal ---

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
