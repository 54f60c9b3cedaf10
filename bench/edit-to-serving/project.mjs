// @ts-check
/** The fleet that is measured: one container, one page, and 200 MB that nobody reads. */
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/setup/checkout.mjs";
import { pinExpression } from "../lib/store.mjs";

export const FIRST_GREETING = "Greeting 0";

/**
 * @typedef {object} Site
 * @property {string} root the project's folder
 * @property {string} fleet
 * @property {string} name of the container and of its one instance
 * @property {"swap" | "in-place"} update
 * @property {number} port
 * @property {import("../lib/store.mjs").Pin} payload
 */

/** @param {Site} site */
export function writeProject({ root, fleet, name, update, port, payload }) {
  copyFirn(root);
  write(root, "floe.config.ts", configText(fleet));
  write(root, `containers/${name}.ts`, containerText({ name, update, port }));
  write(root, "modules/payload.nix", `{\n  environment.etc.payload.source = ${pinExpression(payload)};\n}\n`);
}

/**
 * The edit.
 * @param {Pick<Site, "root" | "name">} site
 * @param {string} greeting
 */
export function greetInTypeScript({ root, name }, greeting) {
  replaceInFile(path.join(root, `containers/${name}.ts`), /^const greeting = .*$/m, `const greeting = "${greeting}";`);
}

/** @param {string} root */
export function copyFirn(root) {
  fs.cpSync(path.join(ROOT, "firn"), path.join(root, "firn"), { recursive: true });
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string} text
 */
export function write(root, file, text) {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

/**
 * @param {string} file
 * @param {RegExp | string} pattern
 * @param {string} replacement
 */
export function replaceInFile(file, pattern, replacement) {
  const before = fs.readFileSync(file, "utf8");
  const after = before.replaceAll(
    typeof pattern === "string" ? pattern : new RegExp(pattern, `${pattern.flags}g`),
    replacement,
  );
  if (after === before) throw new Error(`"${file}" has nothing that matches ${pattern}`);
  fs.writeFileSync(file, after);
}

// --- internal ---

/** @param {string} fleet */
const configText = (fleet) => `import { dir, fleet } from "floe";

export default fleet({ name: "${fleet}", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });
`;

/**
 * The page is part of the service: another page is a service that has to be restarted.
 * @param {Pick<Site, "name" | "update" | "port">} site
 */
const containerText = ({ name, update, port }) => `import { container, nix } from "floe";

const greeting = "${FIRST_GREETING}";

export default container(
  {
    instances: {
      "${name}": {
        update: "${update}",
        ports: { ${port}: 80 },
        health: [{ http: "http://127.0.0.1:${port}/", body: greeting, within: "60s" }],
      },
    },
  },
  ({ pkgs }) => ({
    imports: [nix.path("../modules/payload.nix")],
    services: { httpd: { enable: true, root: pkgs.writeTextDir("index.html", \`\${greeting}\n\`) } },
  }),
);
`;
