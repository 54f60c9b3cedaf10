/** What the name of a store path says: a package, its version, and which of its outputs it is. Pure. */

export interface StoreName {
  /** `glibc`, `python3.11-requests`, `unit-nginx.service`. */
  readonly name: string;
  /** `2.38-44`; "" where the name has none. */
  readonly version: string;
  /** `bin`, `dev`, `modules`; undefined: the default one. */
  readonly output: string | undefined;
}

/**
 * Reads `/nix/store/HASH-NAME`, or the name alone. As `builtins.parseDrvName`, a version begins at the first dash before a digit; a last
 * word of letters behind it is an output. Names of files and of systemd units have no version, whatever digits are in them.
 */
export function parseStoreName(path: string): StoreName {
  const full = path.replace(/^.*\//, "").replace(/^[0-9a-z]{32}-(?=.)/, "");
  const unversioned = { name: full, version: "", output: undefined };
  if (isFileName(full)) return unversioned;
  const found = /^(.+?)-(\d.*)$/.exec(full);
  if (found === null) return unversioned;
  const [, name = "", rest = ""] = found;
  const [, version = rest, output] = /^(.*\d.*?)-([a-z]+)$/.exec(rest) ?? [];
  if (output === undefined || versionWords.has(output)) return { name, version: rest, output: undefined };
  return { name, version, output };
}

// --- internal ---

/** Words that end a version rather than name an output. */
const versionWords: ReadonlySet<string> = new Set(["alpha", "beta", "rc", "pre", "git", "unstable", "stable", "final"]);

const extensions =
  "conf|sh|service|socket|timer|mount|automount|swap|target|path|slice|scope|rules|json|ya?ml|toml|ini|xml|txt|html|css|js|pl|py|patch|diff|pem|crt|pub|cfg|nix|drv|lock|desktop|hook|key|link|network|netdev|list|keymap|tmpfiles|tar(?:\\.\\w+)?|tgz|tbz2|txz|zip|gem|crate|whl|jar|deb|rpm";
const fileName = new RegExp(`\\.(?:${extensions})$|^(?:unit|etc|X-Restart-Triggers|X-Reload-Triggers)-`);

function isFileName(name: string): boolean {
  return fileName.test(name);
}
