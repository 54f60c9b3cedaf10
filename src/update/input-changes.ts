/** What an update did to flake.lock, input by input. Pure but for what `commitsBetween` brings. */
import { type FlakeLock, isSameSource, type LockedInput } from "./flake-lock.ts";

/** What an input is locked at. */
export interface Revision {
  /** Absent for what is no repository. */
  readonly rev?: string;
  readonly narHash?: string;
  /** Seconds since the epoch; absent where Nix does not know it. */
  readonly lastModified?: number;
}

/** The commits that lead from one revision to another. */
export interface Commits {
  readonly count: number;
  /** Counted from the two revisions' own numbers: the repository itself is not on this machine. */
  readonly isEstimate: boolean;
  /** The newest first; the first lines of their messages. */
  readonly newest: readonly { readonly rev: string; readonly subject: string }[];
  /** Commits of the old revision that the new one does not have: its branch was written anew. */
  readonly lost: number;
}

export interface InputChange {
  /** `nixpkgs`; `home-manager/nixpkgs` for an input of an input. */
  readonly input: string;
  /** Absent: it is new. */
  readonly before?: Revision;
  /** Absent: it is gone. */
  readonly after?: Revision;
  /** Absent where nothing is known of them. */
  readonly commits?: Commits;
  /** A page that shows the difference. */
  readonly link?: string;
}

/** The input on both sides. */
export interface Moved {
  readonly input: string;
  readonly before: LockedInput | undefined;
  readonly after: LockedInput | undefined;
}

/** Inputs whose source is another one, those of the project first, then those of inputs; by name. */
export function movedInputs(before: FlakeLock | undefined, after: FlakeLock): Moved[] {
  const [old, fresh] = [byPath(before), byPath(after)];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort(byDepth);
  return paths.flatMap((input) => {
    const [was, is] = [old.get(input), fresh.get(input)];
    return was !== undefined && is !== undefined && isSameSource(was, is) ? [] : [{ input, before: was, after: is }];
  });
}

export function toChange({ input, before, after }: Moved, commits: Commits | undefined): InputChange {
  const link = before && after && compareLink(before, after);
  return {
    input,
    ...(before === undefined ? {} : { before: toRevision(before) }),
    ...(after === undefined ? {} : { after: toRevision(after) }),
    ...(commits === undefined ? {} : { commits }),
    ...(link === undefined ? {} : { link }),
  };
}

/** Where the forge shows the difference of two commits: GitHub, GitLab and Forgejo by their known addresses; undefined elsewhere. */
export function compareLink(before: LockedInput, after: LockedInput): string | undefined {
  const forge = forgeOf(after);
  if (forge === undefined || before.rev === undefined || after.rev === undefined) return undefined;
  if (forgeOf(before)?.repository !== forge.repository) return undefined;
  const infix = forge.kind === "gitlab" ? "/-/compare/" : "/compare/";
  return `${forge.repository}${infix}${before.rev.slice(0, 12)}...${after.rev.slice(0, 12)}`;
}

// --- internal ---

function byPath(lock: FlakeLock | undefined): ReadonlyMap<string, LockedInput> {
  return new Map(lock?.all.map((input) => [input.path, input]));
}

function byDepth(a: string, b: string): number {
  const depth = (path: string): number => path.split("/").length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}

function toRevision({ rev, narHash, lastModified }: LockedInput): Revision {
  return {
    ...(rev === undefined ? {} : { rev }),
    ...(narHash === undefined ? {} : { narHash }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

interface Forge {
  readonly kind: "github" | "gitlab";
  /** Its address, without a slash at the end. */
  readonly repository: string;
}

/** Codeberg's Forgejo has GitHub's addresses. */
const hosts: Readonly<Record<string, Forge["kind"]>> = {
  "github.com": "github",
  "codeberg.org": "github",
  "gitlab.com": "gitlab",
};

function forgeOf({ type, source }: LockedInput): Forge | undefined {
  const { owner, repo, host, url = "" } = source;
  if (type === "github") return { kind: "github", repository: `https://${host ?? "github.com"}/${owner}/${repo}` };
  if (type === "gitlab") return { kind: "gitlab", repository: `https://${host ?? "gitlab.com"}/${owner}/${repo}` };
  const [, name = "", path = ""] =
    /^(?:https|ssh):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(url) ?? [];
  const kind = hosts[name];
  return type === "git" && kind !== undefined ? { kind, repository: `https://${name}/${path}` } : undefined;
}
