#!/usr/bin/env node
// The dashboard's page: web/ → dist/web/, as few files with hashes in their names, without source maps. It says how large the first part is, and fails when
// that is more than a first paint should wait for.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Bytes of the scripts that are loaded at once, gzipped: without terminal and graph. */
const maxScript = 150_000;

/** Builds into `folder` and answers the files it wrote. `root`: the repository. */
export async function buildWeb(root, folder) {
  const web = join(root, "web");
  const assets = join(folder, "assets");
  mkdirSync(assets, { recursive: true });
  const scripts = await bundleScripts(join(web, "main.tsx"), assets);
  const names = new Map([["main.js", basename(scripts.entry)]]);
  const write = (name, content) => {
    const hash = createHash("sha256").update(content).digest("base64url").replaceAll(/[-_]/g, "x").slice(0, 8);
    const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
    writeFileSync(join(assets, hashed), content);
    names.set(name, hashed);
  };
  for (const file of filesBelow(web, /\.(svg|png|woff2)$/)) write(basename(file), readFileSync(file));
  write("inter.woff2", readFileSync(join(font(root), "files", "inter-latin-wght-normal.woff2")));
  write("inter-license.txt", readFileSync(join(font(root), "LICENSE")));
  write("style.css", withNames(styles(web), names, ""));
  const html = withNames(readFileSync(join(web, "index.html"), "utf8"), names, "assets/");
  writeFileSync(join(folder, "index.html"), html);
  const missing = [...html.matchAll(/(?:src|href)="assets\/([^"]+)"/g)].filter(
    ([, name]) => !/-[\w]{8}\.\w+$/.test(name),
  );
  for (const [, name] of missing) console.error(`web/index.html names assets/${name}, which is not there`);
  checkSize(scripts.atOnce);
  return new Set([
    join(folder, "index.html"),
    ...scripts.files.map((name) => join(assets, name)),
    ...[...names.values()].map((name) => join(assets, name)),
  ]);
}

/** The type of the page; its licence wants to be beside it. */
function font(root) {
  return join(root, "node_modules", "@fontsource-variable", "inter");
}

async function bundleScripts(input, dir) {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: { main: input },
    platform: "browser",
    // JSX is as web/tsconfig.json says.
    transform: { target: "es2022" },
    onLog: (level, log, handle) => (log.code === "CIRCULAR_DEPENDENCY" ? undefined : handle(level, log)),
  });
  const { output } = await build.write({
    dir,
    format: "esm",
    entryFileNames: "[name]-[hash:8].js",
    chunkFileNames: "[name]-[hash:8].js",
    minify: true,
    sourcemap: false,
    hashCharacters: "base36",
  });
  await build.close();
  const chunks = output.filter(({ type }) => type === "chunk");
  const entry = chunks.find(({ isEntry }) => isEntry);
  return {
    entry: entry.fileName,
    files: output.map(({ fileName }) => fileName),
    atOnce: staticallyImported(entry, chunks),
  };
}

function staticallyImported(entry, chunks) {
  const found = new Set([entry]);
  for (const chunk of found)
    for (const name of chunk.imports) {
      const other = chunks.find(({ fileName }) => fileName === name);
      if (other !== undefined) found.add(other);
    }
  return [...found];
}

/** Every style sheet as one: what others build on first. */
function styles(web) {
  const files = filesBelow(web, /\.css$/);
  const rank = (file) => (basename(file) === "tokens.css" ? 0 : basename(file) === "base.css" ? 1 : 2);
  return files
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\n\s*/g, "\n")
    .replaceAll(/\n+/g, "\n");
}

function withNames(text, names, prefix) {
  let result = text;
  for (const [name, hashed] of names) result = result.replaceAll(`${prefix}${name}`, `${prefix}${hashed}`);
  return result;
}

function filesBelow(folder, pattern) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function checkSize(chunks) {
  const bytes = chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  console.error(`The page's script: ${(bytes / 1000).toFixed(1)} kB gzip of at most ${maxScript / 1000}`);
  if (bytes > maxScript)
    throw new Error("the page's script is larger than it may be: load parts of it when they are needed");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const folder = join(root, "dist", "web");
  const old = new Set(existsSync(folder) ? filesBelow(folder, /./) : []);
  const fresh = await buildWeb(root, folder);
  for (const file of old) if (!fresh.has(file)) rmSync(file);
}
