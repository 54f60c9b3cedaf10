// @ts-check
/** The fleet that is measured: one container, one page, and 200 MB that nobody reads. */
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/setup/checkout.mjs";
import { pinExpression } from "../lib/store.mjs";

/** The name of the container and of its one instance. */
export const SITE = "site";
export const FIRST_GREETING = "Greeting 0";

/**
 * @param {{ root: string, port: number, payload: import("../lib/store.mjs").Pin }} options
 */
export function writeProject({ root, port, payload }) {
  copyFirn(root);
  write(root, "floe.config.ts", CONFIG);
  write(root, `containers/${SITE}.ts`, containerText(port));
  write(root, "modules/payload.nix", `{\n  environment.etc.payload.source = ${pinExpression(payload)};\n}\n`);
}

/**
 * The edit.
 * @param {string} root
 * @param {string} greeting
 */
export function greetInTypeScript(root, greeting) {
  replaceInFile(path.join(root, `containers/${SITE}.ts`), /^const greeting = .*$/m, `const greeting = "${greeting}";`);
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

const CONFIG = `import { dir, fleet } from "floe";

export default fleet({ name: "bench", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });
`;

/** @param {number} port */
const containerText = (port) => `import { container, nix } from "floe";

const greeting = "${FIRST_GREETING}";

export default container(
  {
    instances: {
      ${SITE}: {
        ports: { ${port}: 80 },
        health: [{ http: "http://127.0.0.1:${port}/", body: greeting, within: "60s" }],
      },
    },
  },
  {
    imports: [nix.path("../modules/payload.nix")],
    environment: { etc: { "site/index.html": { text: \`\${greeting}\\n\` } } },
    services: { httpd: { enable: true, root: "/etc/site" } },
  },
);
`;
