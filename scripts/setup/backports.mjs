// @ts-check
/** Debian's backports as a package source: the same mirror and key as the machine's own Debian source. */
import fs from "node:fs";
import path from "node:path";
import { SetupError, say } from "./say.mjs";

const SOURCES = "/etc/apt/sources.list.d";
const OURS = path.join(SOURCES, "floe-backports.sources");

/**
 * Adds the backports of this Debian and answers the suite's name.
 * @throws SetupError on another system, or where the machine's Debian source is not found
 */
export function addBackports() {
  const release = readRelease();
  const codename = release.VERSION_CODENAME;
  if (release.ID !== "debian" || !codename) {
    throw new SetupError(
      "This system's package sources have no Incus 6.0 or newer",
      "Install Incus as this system's documentation says, then run this again",
    );
  }
  const suite = `${codename}-backports`;
  const source = ownSource(codename);
  if (source === undefined)
    throw new SetupError(
      `No package source for Debian "${codename}" found below /etc/apt`,
      `Add ${suite} yourself: https://backports.debian.org/Instructions/`,
    );
  say(`Adding the package source ${suite} in ${OURS}, because Incus comes from there`);
  const lines = [
    "Types: deb",
    `URIs: ${source.uris}`,
    `Suites: ${suite}`,
    "Components: main",
    ...(source.signedBy ? [`Signed-By: ${source.signedBy}`] : []),
  ];
  fs.writeFileSync(OURS, `${lines.join("\n")}\n`);
  return suite;
}

/** @returns {string | undefined} the mirror that this machine's own Debian packages come from; undefined on another system */
export function debianMirror() {
  const { ID, VERSION_CODENAME = "" } = readRelease();
  return ID === "debian" ? words(ownSource(VERSION_CODENAME)?.uris)[0] : undefined;
}

/**
 * @typedef {{ uris: string, suites: string[], components: string[], signedBy: string | undefined }} Source
 * Both ways of writing them: stanzas in *.sources, lines in *.list.
 * @param {string} text
 * @param {"stanzas" | "lines"} form
 * @returns {Source[]}
 */
export function parseSources(text, form) {
  return form === "stanzas" ? text.split(/\n\s*\n/).flatMap(parseStanza) : text.split("\n").flatMap(parseLine);
}

// --- internal ---

/**
 * @param {string} codename
 * @returns {Source | undefined}
 */
function ownSource(codename) {
  return allSources().find(({ suites, components }) => suites.includes(codename) && components.includes("main"));
}

/** @returns {Source[]} */
function allSources() {
  const files = ["/etc/apt/sources.list", ...fs.readdirSync(SOURCES).map((name) => path.join(SOURCES, name))];
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && fs.existsSync(file))
    .flatMap((file) => parseSources(fs.readFileSync(file, "utf8"), file.endsWith(".list") ? "lines" : "stanzas"));
}

/**
 * @param {string} stanza
 * @returns {Source[]}
 */
function parseStanza(stanza) {
  const text = stanza.replace(/^#.*\n?/gm, "");
  /** @param {string} name */
  const field = (name) => new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, "im").exec(text)?.[1]?.trimEnd();
  const uris = field("URIs");
  if (uris === undefined || field("Enabled") === "no" || !words(field("Types")).includes("deb")) return [];
  return [
    { uris, suites: words(field("Suites")), components: words(field("Components")), signedBy: field("Signed-By") },
  ];
}

/**
 * @param {string} line
 * @returns {Source[]}
 */
function parseLine(line) {
  const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.replace(/#.*/, "").trim());
  if (match === null) return [];
  const [, options = "", uris = "", suite = "", components] = match;
  return [{ uris, suites: [suite], components: words(components), signedBy: /signed-by=(\S+)/i.exec(options)?.[1] }];
}

/** @param {string | undefined} text */
function words(text) {
  return (text ?? "").split(/\s+/).filter(Boolean);
}

/** @returns {Record<string, string>} */
function readRelease() {
  const text = fs.existsSync("/etc/os-release") ? fs.readFileSync("/etc/os-release", "utf8") : "";
  return Object.fromEntries([...text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, key, value]) => [key, value]));
}
