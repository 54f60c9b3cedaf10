/**
 * The page's files, from floe's own `dist/web`, read once: what is not in the list that was read cannot be asked for, whatever the path looks like. They
 * hold nothing of the fleet and are given to everybody.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { packageRoot } from "../util/package-root.ts";
import { RefusedError } from "./refused.ts";
import { decodeParts } from "./router.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

export interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  readonly gzip: Buffer | undefined;
}

/** By path below the base path, `/assets/main-1a2b3c4d.js`; the page itself is `/`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** @throws RefusedError when floe was built without its page */
export function readStatic(basePath: string, folder = join(packageRoot(), "dist", "web")): StaticFiles {
  if (!existsSync(join(folder, "index.html")))
    throw new RefusedError(500, "NO_PAGE", "The dashboard's page is not part of this floe", {
      hint: "Build it: node scripts/build.mjs",
    });
  const names = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return new Map(
    names.map((name) => {
      const body = readFileSync(join(folder, name));
      if (name === "index.html") return ["/", fileOf(name, withBase(body, basePath))];
      return [`/${name}`, fileOf(name, body)];
    }),
  );
}

/** Deep links are the page's own: every path without a dot is the page. @throws RefusedError 404, 405 */
export function sendStatic(
  files: StaticFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  status = 200,
): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    throw new RefusedError(405, "METHOD", "Files can only be read");
  }
  const file = files.get(path) ?? (isPagePath(path) ? files.get("/") : undefined);
  if (file === undefined) throw new RefusedError(404, "NOT_FOUND", "There is no such file");
  const isHashed = /-[\w-]{8}\.\w+$/.test(path);
  const zipped = file.gzip !== undefined && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const headers = {
    "Content-Type": file.type,
    "Cache-Control": isHashed ? "public, max-age=31536000, immutable" : status === 200 ? "no-cache" : "no-store",
    ETag: file.etag,
    Vary: "Accept-Encoding",
  };
  if (status === 200 && request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = zipped ? (file.gzip as Buffer) : file.body;
  response.writeHead(status, {
    ...headers,
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    "Content-Length": body.length,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

// --- internal ---

function fileOf(name: string, body: Buffer): StaticFile {
  const isText = /\.(html|js|css|svg|json|webmanifest|txt)$/.test(name);
  return {
    type: types[extname(name)] as string,
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    body,
    gzip: isText && body.length > 1000 ? gzipSync(body) : undefined,
  };
}

/** `<base href="/" />` becomes where the page really is. */
function withBase(html: Buffer, basePath: string): Buffer {
  return Buffer.from(html.toString("utf8").replace(/<base href="[^"]*"/, `<base href="${basePath}"`));
}

/** Names of hosts, instances and jobs hold no dot, and no slash. */
function isPagePath(path: string): boolean {
  const parts = decodeParts(path.replace(/\/$/, ""));
  return (
    parts !== undefined && parts[0] !== "api" && parts[0] !== "assets" && parts.every((part) => !/[./]/.test(part))
  );
}
