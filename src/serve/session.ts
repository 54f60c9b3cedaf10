/**
 * Who is logged in. A session is a random cookie; the server keeps only its hash, in `.floe/serve/PORT.sessions`, so that a restart asks nobody for a new
 * link. It ends by logging out, after 30 days without use, or when many newer ones exist.
 */
import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../util/files.ts";
import { digest, serveFolder, writePrivate } from "./link.ts";

/** Days without use after which a session is over. */
const idleDays = 30;
const dayMs = 86_400_000;
/** Each browser and each opened link is one. */
const maxSessions = 50;

export interface Visitor {
  /** Tells one session from another; not a secret. */
  readonly id: string;
  readonly user: string;
  /** What a change has to bring back in `X-Floe-Csrf`. */
  readonly csrf: string;
}

interface Kept {
  readonly user: string;
  readonly usedAt: number;
}

export interface Sessions {
  /** The value of a new cookie. */
  begin(user: string): string;
  /** Whose cookie it is; undefined: nobody's. */
  find(cookie: string): Visitor | undefined;
  /** Somebody whom a reverse proxy vouches for. */
  ofProxy(user: string): Visitor;
  end(id: string): void;
  count(): number;
}

export function openSessions(root: string, port: number, now: () => number = Date.now): Sessions {
  const path = join(serveFolder(root), `${port}.sessions`);
  const { secret, sessions } = read(path);
  const csrfOf = (id: string): string => createHmac("sha256", secret).update(id).digest("base64url");
  const isOver = ({ usedAt }: Kept): boolean => now() - usedAt > idleDays * dayMs;
  const save = (): void => {
    for (const [id, kept] of sessions) if (isOver(kept)) sessions.delete(id);
    const oldest = [...sessions].sort(([, a], [, b]) => b.usedAt - a.usedAt).slice(maxSessions);
    for (const [id] of oldest) sessions.delete(id);
    writePrivate(path, JSON.stringify({ secret, sessions: Object.fromEntries(sessions) }));
  };
  save();
  return {
    begin(user) {
      const cookie = randomBytes(32).toString("base64url");
      sessions.set(idOf(cookie), { user, usedAt: now() });
      save();
      return cookie;
    },
    find(cookie) {
      // The hash is looked up, not the secret: how long that takes tells nothing of it.
      const id = idOf(cookie);
      const kept = sessions.get(id);
      if (kept === undefined || isOver(kept)) return undefined;
      const isNextDay = now() - kept.usedAt > dayMs;
      sessions.set(id, { ...kept, usedAt: now() });
      if (isNextDay) save();
      return { id, user: kept.user, csrf: csrfOf(id) };
    },
    ofProxy: (user) => ({ id: `proxy:${user}`, user, csrf: csrfOf(`proxy:${user}`) }),
    end(id) {
      if (sessions.delete(id)) save();
    },
    count: () => sessions.size,
  };
}

// --- internal ---

function idOf(cookie: string): string {
  return digest(cookie).toString("hex");
}

interface File {
  readonly secret: string;
  readonly sessions: Map<string, Kept>;
}

/** A file that is missing or damaged: everybody needs a new link. */
function read(path: string): File {
  const value = parse(path);
  const secret = isRecord(value) ? value["secret"] : undefined;
  const kept = isRecord(value) && isRecord(value["sessions"]) ? value["sessions"] : undefined;
  if (typeof secret !== "string" || secret.length < 32 || kept === undefined)
    return { secret: randomBytes(32).toString("base64url"), sessions: new Map() };
  const sessions = Object.entries(kept).flatMap(([id, one]): [string, Kept][] => {
    if (!isRecord(one) || typeof one["user"] !== "string" || typeof one["usedAt"] !== "number") return [];
    return [[id, { user: one["user"], usedAt: one["usedAt"] }]];
  });
  return { secret, sessions: new Map(sessions) };
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
